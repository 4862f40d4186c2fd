// Processors, agreements and disclosures as they are shown.
import { In } from 'typeorm'
import { Agreement } from '../entities/agreement'
import { Disclosure } from '../entities/disclosure'
import { Processor, ProcessorPurpose } from '../entities/processor'
import { withAgreement } from '../privacy/agreements'
import type { ApiContext } from './context'
import type { AgreementView, DisclosureView, ProcessorView } from './processor.types'
import { purposeView } from './purpose.types'

type Shown = Pick<ApiContext, 'db' | 'loaders' | 'locale'>

export async function processorViews(
  { db, loaders, locale }: Shown,
  processors: readonly Processor[],
): Promise<ProcessorView[]> {
  const ids = processors.map(({ id }) => id)
  const standing = await withAgreement(db.manager, ids)
  const links = await db.manager.findBy(ProcessorPurpose, { processorId: In(ids) })
  return Promise.all(
    processors.map(async ({ id, publicId, serviceHost: _, ...facts }) => ({
      ...facts,
      id: publicId,
      processorId: id,
      hasActiveAgreement: standing.has(id),
      purposes: await Promise.all(
        links
          .filter(({ processorId }) => processorId === id)
          .map(({ purposeId }) => purposeView(loaders, purposeId, locale)),
      ),
    })),
  )
}

export async function processorView(context: Shown, processor: Processor): Promise<ProcessorView> {
  const [view] = await processorViews(context, [processor])
  if (!view) throw new Error('A processor without a view')
  return view
}

export const agreementView = ({
  publicId,
  kind,
  signedAt,
  expiresAt,
  documentHash,
}: Agreement): AgreementView => {
  const today = new Date().toISOString().slice(0, 10)
  return {
    id: publicId,
    kind,
    signedAt: new Date(signedAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    documentHash: documentHash.toString('hex'),
    active: signedAt <= today && (expiresAt === null || expiresAt >= today),
  }
}

export async function disclosureViews(
  context: Shown,
  disclosures: readonly Disclosure[],
): Promise<DisclosureView[]> {
  const { db, loaders, locale } = context
  const processors = await db.manager.findBy(Processor, { id: In(disclosures.map(one => one.processorId)) })
  const agreements = await db.manager.findBy(Agreement, { id: In(disclosures.map(one => one.agreementId)) })
  const views = new Map((await processorViews(context, processors)).map(view => [view.processorId, view]))
  return Promise.all(
    disclosures.map(async ({ publicId, processorId, purposeId, agreementId, ...facts }) => {
      const processor = views.get(processorId)
      const agreement = agreements.find(({ id }) => id === agreementId)
      if (!processor || !agreement) throw new Error('A disclosure without processor or agreement')
      return {
        ...facts,
        id: publicId,
        processor,
        purpose: await purposeView(loaders, purposeId, locale),
        agreement: agreementView(agreement),
      }
    }),
  )
}
