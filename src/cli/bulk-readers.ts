// Readers by the thousand, each with the consent chain a real sign-up would have left. For `seed` and the demo alone.
import type { DataSource, EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { insertReaders as insertNewReaders } from '../consent/insert-readers'
import type { ConsentFact } from '../consent/ledger'

import { newReader } from '../consent/readers'
import type { Reader } from '../entities/reader'
import { Suppression, type SuppressionReason } from '../entities/suppression'
import { insertRows } from '../insert-rows'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { transaction } from '../transaction'

/** One reader to be made. The facts are in the order they happened. */
export interface ReaderPlan {
  email: string
  name: string | null
  locale: string
  timeZone: string | null
  confirmedAt: Date
  facts: readonly ConsentFact[]
  pausedUntil?: Date
  suppression?: { reason: SuppressionReason; at: Date; note: string | null }
}

const BATCH = 1000

/** Writes the planned readers, a transaction a thousand, without ever holding more; tells after each how many there are. */
export async function insertReaders(
  db: DataSource,
  keyring: Keyring,
  plans: Iterable<ReaderPlan>,
  onProgress: (count: number) => void = () => {},
): Promise<number> {
  let count = 0
  for (const batch of batches(plans)) {
    const rows = batch.map(plan => readerRow(keyring, plan))
    await transaction(db, tx => insertBatch(tx, batch, rows))
    count += batch.length
    onProgress(count)
  }
  return count
}

function* batches(plans: Iterable<ReaderPlan>): Generator<ReaderPlan[]> {
  let batch: ReaderPlan[] = []
  for (const plan of plans) {
    batch.push(plan)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function readerRow(keyring: Keyring, plan: ReaderPlan): Omit<Reader, 'id'> {
  const address = parseAddress(plan.email)
  if (!address) throw new Error('A planned reader has no valid address')
  const { locale, timeZone, confirmedAt } = plan
  const row = newReader(
    keyring,
    { email: address.canonical, name: plan.name },
    { addressHash: addressHash(keyring, address.canonical), locale, timeZone, at: confirmedAt },
  )
  return { ...row, pausedUntil: plan.pausedUntil ?? null }
}

async function insertBatch(
  tx: EntityManager,
  plans: readonly ReaderPlan[],
  rows: readonly Omit<Reader, 'id'>[],
): Promise<void> {
  const people = plans.flatMap((plan, index) => {
    const row = rows[index]
    return row ? [{ plan, row }] : []
  })
  await insertNewReaders(
    tx,
    people.map(({ plan, row }) => ({ row, facts: plan.facts })),
  )
  await insertRows(
    tx,
    Suppression,
    people.flatMap(({ plan, row }) => suppressionOf(plan, row)),
  )
}

function suppressionOf({ suppression }: ReaderPlan, row: Omit<Reader, 'id'>): Omit<Suppression, 'id'>[] {
  if (!suppression || !row.addressHash) return []
  const { reason, at, note } = suppression
  const publicId = uuidv7()
  return [{ publicId, addressHash: row.addressHash, reason, newsletterId: null, note, createdAt: at }]
}
