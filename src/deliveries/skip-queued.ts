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
  const newsletters = await select<{ id: number; reference: Buffer }>(
    tx,
    `SELECT n.id, n.reference FROM newsletter n JOIN topic t ON t.id = n.topic_id
     WHERE ${maybeUnderWaySql} AND (? IS NULL OR t.purpose_id = ?)`,
    [purposeId ?? null, purposeId ?? null],
  )
  if (newsletters.length === 0) return []
  const ids = newsletters.map(newsletter => newsletter.id)
  await write(
    tx,
    `UPDATE delivery SET status = ?, skip_reason = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id IN (?) AND reader_id = ? AND status = ?`,
    [DeliveryStatus.SKIPPED, reason, ids, reader.id, DeliveryStatus.QUEUED],
  )
  await dropRetries(tx, ids, reader.id)
  const passed = await select<{ newsletter_id: number }>(
    tx,
    `SELECT d.newsletter_id FROM delivery d
     WHERE d.newsletter_id IN (?) AND d.reader_id = ? AND ${mayStillArriveSql}`,
    [ids, reader.id],
  )
  return passed.flatMap(({ newsletter_id }) => {
    const newsletter = newsletters.find(one => one.id === newsletter_id)
    return newsletter ? [deliveryId(newsletter.reference, reader.reference)] : []
  })
}
