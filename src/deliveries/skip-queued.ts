// A reader left: what is still open for them becomes skipped, what had passed its gate is named.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { select, write } from '../transaction'
import { deliveryId } from './delivery-id'

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
     WHERE n.status IN ('SENDING', 'PAUSED') AND (? IS NULL OR t.purpose_id = ?)`,
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
  await write(tx, 'DELETE FROM delivery_retry WHERE newsletter_id IN (?) AND reader_id = ?', [ids, reader.id])
  const passed = await select<{ newsletter_id: number }>(
    tx,
    'SELECT newsletter_id FROM delivery WHERE newsletter_id IN (?) AND reader_id = ? AND status = ?',
    [ids, reader.id, DeliveryStatus.SENDING],
  )
  return passed.flatMap(({ newsletter_id }) => {
    const newsletter = newsletters.find(one => one.id === newsletter_id)
    return newsletter ? [deliveryId(newsletter.reference, reader.reference)] : []
  })
}
