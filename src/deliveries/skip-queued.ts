// A reader left or paused: what is still open for them becomes skipped, what had passed its gate is named.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { write } from '../transaction'
import { dropRetries } from './drop-retries'
import { passedOf, type UnderWay, underWayFor } from './under-way-for'

/**
 * Skips the reader's queued deliveries of newsletters going out for one purpose (undefined: for all). Returns the ids of
 * those past their gate. The caller holds the reader's row lock, so no gate passes meanwhile.
 */
export async function skipQueued(
  tx: EntityManager,
  reader: Pick<Reader, 'id' | 'reference'>,
  purposeId: number | undefined,
  reason: SkipReason,
): Promise<string[]> {
  const rows = await underWayFor(tx, reader, purposeId)
  const queued = rows.filter(row => row.isQueued)
  if (queued.length > 0) await skip(tx, idsOf(queued), reader.id, reason)
  const retried = rows.filter(row => row.isRetried)
  if (retried.length > 0) await dropRetries(tx, idsOf(retried), reader.id)
  return passedOf(rows)
}

const idsOf = (rows: readonly UnderWay[]): number[] => rows.map(row => row.newsletterId)

async function skip(
  tx: EntityManager,
  newsletterIds: readonly number[],
  readerId: number,
  reason: SkipReason,
): Promise<void> {
  await write(
    tx,
    `UPDATE delivery SET status = ?, skip_reason = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id IN (?) AND reader_id = ? AND status = ?`,
    [DeliveryStatus.SKIPPED, reason, newsletterIds, readerId, DeliveryStatus.QUEUED],
  )
}
