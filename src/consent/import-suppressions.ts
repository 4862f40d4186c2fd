// Suppressions by the hundred. What they do to a reader is what one does (consent/suppress).
import { type EntityManager, In } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Reader } from '../entities/reader'
import { Suppression, type SuppressionReason } from '../entities/suppression'
import { insertRows } from '../insert-rows'
import { databaseTime, select } from '../transaction'
import { suppress } from './suppress'

export interface ImportedSuppression {
  addressHash: Buffer
  reason: SuppressionReason
}

/** Suppresses the addresses; answers for each, in their order, whether that is new. None is lifted or made milder. */
export async function importSuppressions(
  tx: EntityManager,
  rows: readonly ImportedSuppression[],
): Promise<('accepted' | 'unchanged')[]> {
  const addressHash = In(rows.map(row => row.addressHash))
  const readers = await tx.find(Reader, {
    where: { addressHash },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  })
  // As in suppress: gates of notices lock these rows.
  await select(tx, 'SELECT id FROM notice WHERE address_hash IN (?) FOR UPDATE', [
    rows.map(row => row.addressHash),
  ])
  const seen = new Set((await tx.findBy(Suppression, { addressHash })).map(keyOf))
  const isNew = rows.map(row => !seen.has(keyOf(row)) && Boolean(seen.add(keyOf(row))))
  const added = rows.filter((_, index) => isNew[index])
  const known = new Set(readers.map(reader => reader.addressHash?.toString('hex')))
  const isKnown = (row: ImportedSuppression) => known.has(row.addressHash.toString('hex'))
  for (const row of added.filter(isKnown))
    await suppress(tx, row.addressHash, row.reason, { newsletterId: null, note: null })
  const createdAt = await databaseTime(tx)
  const unknown = added.filter(row => !isKnown(row))
  await insertRows(
    tx,
    Suppression,
    unknown.map(row => ({ ...row, publicId: uuidv7(), newsletterId: null, note: null, createdAt })),
  )
  return isNew.map(one => (one ? 'accepted' : 'unchanged'))
}

const keyOf = ({ addressHash, reason }: ImportedSuppression): string =>
  `${addressHash.toString('hex')} ${reason}`
