// A reader left: what is still open for them becomes skipped, what had passed its gate is named.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { select, write } from '../transaction'
import { maybeUnderWaySql, mayStillArriveSql } from './already-passed'
import { deliveryId } from './delivery-id'
import { dropRetries } from './drop-retries'

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
  const rows = await select<{
    id: number
    reference: Buffer
    is_queued: number
    is_retried: number
    may_arrive: number
  }>(
    tx,
    `SELECT n.id, n.reference, d.status = 'queued' AS is_queued, ${mayStillArriveSql} AS may_arrive,
       y.reader_id IS NOT NULL AS is_retried
     FROM newsletter n JOIN topic t ON t.id = n.topic_id
       JOIN delivery d ON d.newsletter_id = n.id AND d.reader_id = ?
       LEFT JOIN delivery_retry y ON y.newsletter_id = d.newsletter_id AND y.reader_id = d.reader_id
     WHERE ${maybeUnderWaySql} AND (? IS NULL OR t.purpose_id = ?)`,
    [reader.id, purposeId ?? null, purposeId ?? null],
  )
  const queued = rows.filter(row => row.is_queued)
  if (queued.length > 0) await skip(tx, idsOf(queued), reader.id, reason)
  const retried = rows.filter(row => row.is_retried)
  if (retried.length > 0) await dropRetries(tx, idsOf(retried), reader.id)
  return rows.filter(row => row.may_arrive).map(row => deliveryId(row.reference, reader.reference))
}

const idsOf = (rows: readonly { id: number }[]): number[] => rows.map(row => row.id)

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
