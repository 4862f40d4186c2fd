// So many of what readers, staff and the law leave behind, by the verbs and doors that leave it.
import { v7 as uuidv7 } from 'uuid'
import { suppress } from '../../src/consent/suppress'
import { Agreement, AgreementKind } from '../../src/entities/agreement'
import { DataRequestKind } from '../../src/entities/data-request'
import { LinkStatus } from '../../src/entities/directory-link'
import { DisclosedReader, Disclosure } from '../../src/entities/disclosure'
import { FeedbackKind } from '../../src/entities/link-feedback'
import { PolicyDraft } from '../../src/entities/policy-draft'
import { Processor, ProcessorStatus } from '../../src/entities/processor'
import { Purpose } from '../../src/entities/purpose'
import type { Reader } from '../../src/entities/reader'
import { StatCell, StatMetric } from '../../src/entities/stat-cell'
import { SuppressionReason } from '../../src/entities/suppression'
import { createRequest } from '../../src/privacy/data-requests'
import { proposeLink, reviewLink } from '../../src/privacy/directory'
import { approveLawfulDisclosure, recordLawfulDisclosure } from '../../src/privacy/lawful-disclosures'
import { giveFeedback } from '../../src/privacy/link-feedback'
import { addAgreement, saveProcessor, setProcessorStatus } from '../../src/privacy/processors'
import { transaction } from '../../src/transaction'
import type { Staff } from './actors'
import { fileOf, startImport, upload } from './importing'
import { nextVersion, publishNext } from './policies'
import type { Product } from './product'

/** Files of which every row was refused. */
export async function makeImports(
  product: Product,
  admin: Staff,
  topic: string,
  many: number,
): Promise<void> {
  const rows = Array.from({ length: many }, () => ({ email: 'no address' }))
  for (let n = 0; n < many; n++) {
    const { url } = await startImport(product, admin, { topicSlugs: [topic] })
    await upload(url, fileOf(...rows))
  }
}

/** Each came of the newsletter. */
export async function makeSuppressions(
  { connections: { db } }: Product,
  readers: readonly Reader[],
  newsletterId: number,
): Promise<void> {
  for (const { addressHash } of readers)
    if (addressHash)
      await transaction(db, tx =>
        suppress(tx, addressHash, SuppressionReason.MANUAL, { newsletterId, note: 'asked by letter' }),
      )
}

export async function makeDataRequests(product: Product, reader: Reader, many: number): Promise<void> {
  const { db, keyring } = product.connections
  const wanted = {
    kind: DataRequestKind.EXPORT,
    readerId: reader.id,
    addressHash: null,
    origin: 'READER',
  } as const
  for (let n = 0; n < many; n++) await transaction(db, tx => createRequest(tx, keyring, wanted))
}

/** Versions in force, and drafts: of these the product itself keeps one version only, so they are put there. */
export async function makePolicies(product: Product, admin: Staff, many: number): Promise<void> {
  for (let n = 0; n < many; n++) await publishNext(product, admin)
  const next = Number(await nextVersion(product))
  const draft = { locale: 'en', title: 'Next', markdown: 'New.', changeSummary: null, savedAt: new Date() }
  const drafts = Array.from({ length: many }, (_, n) => ({ ...draft, number: next + n, publicId: uuidv7() }))
  await product.connections.db.manager.insert(PolicyDraft, drafts)
}

/** Processors for every purpose, each with agreements and pages with all of these readers; and days that were counted. */
/** A link to each third party, spoken of in every way. */
export async function makeLinks({ connections: { db } }: Product): Promise<void> {
  for (const { id: processorId } of await db.manager.find(Processor)) {
    const facts = { title: 'x', description: 'x', category: 'x', processorId, proposedById: 1 }
    const url = `https://${processorId}.example/`
    await transaction(db, async tx => {
      const { id, publicId } = await proposeLink(tx, { ...facts, url })
      await reviewLink(tx, id, 2, LinkStatus.LISTED)
      for (const kind of Object.values(FeedbackKind)) await giveFeedback(tx, publicId, kind, 'x')
    })
  }
}

export async function makeThirdParties(
  { connections: { db, keyring } }: Product,
  readers: readonly Reader[],
  many: number,
): Promise<void> {
  const { manager } = db
  const purposes = await manager.find(Purpose)
  const facts = { name: 'x', legalName: 'x', country: 'DE', role: 'x', dataCategories: ['email'] }
  const signed = {
    kind: AgreementKind.DATA_PROCESSING,
    signedAt: '2024-01-02',
    expiresAt: null,
    documentHash: Buffer.alloc(32),
  }
  for (let n = 0; n < many; n++) {
    const purposeIds = purposes.map(({ id }) => id)
    const [purposeId = 0] = purposeIds
    const rest = { privacyPolicyUrl: null, serviceHost: null, purposeIds }
    const { id: processorId } = await transaction(db, tx =>
      saveProcessor(tx, undefined, { ...facts, ...rest }),
    )
    for (let more = 0; more < many; more++) await transaction(db, tx => addAgreement(tx, processorId, signed))
    await transaction(db, tx => setProcessorStatus(tx, processorId, ProcessorStatus.ACTIVE))
    const { id: agreementId } = await manager.findOneByOrFail(Agreement, { processorId })
    const at = new Date()
    const passed = { processorId, purposeId, agreementId, apiKeyId: 1, dataCategories: ['email'], at }
    const disclosure = { ...passed, publicId: uuidv7(), recordCount: readers.length, reason: 'x' }
    const { id: disclosureId } = await manager.save(manager.create(Disclosure, disclosure))
    await manager.insert(
      DisclosedReader,
      readers.map(({ id: readerId }) => ({ disclosureId, readerId, processorId, purposeId, at })),
    )
    const asked = {
      readerId: readers[0]?.id ?? 0,
      tellNotBefore: null,
      silenceReason: null,
      requestedById: 1,
    }
    const words = { authority: 'x', basis: 'x', fileNumber: 'x', scope: 'x' }
    const { id } = (await transaction(db, tx =>
      recordLawfulDisclosure(tx, keyring, { ...asked, ...words }),
    )) ?? { id: 0 }
    await transaction(db, tx => approveLawfulDisclosure(tx, id, 2))
    const day = `2025-01-${String(n + 1).padStart(2, '0')}`
    await manager.insert(StatCell, { day, metric: StatMetric.VISIT, label: '', people: 20 })
  }
}
