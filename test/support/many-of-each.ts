// So many of what readers, staff and the law leave behind, by the verbs and doors that leave it.
import { v7 as uuidv7 } from 'uuid'
import { suppress } from '../../src/consent/suppress'
import { DataRequestKind } from '../../src/entities/data-request'
import { PolicyDraft } from '../../src/entities/policy-draft'
import type { Reader } from '../../src/entities/reader'
import { SuppressionReason } from '../../src/entities/suppression'
import { createRequest } from '../../src/privacy/data-requests'
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
