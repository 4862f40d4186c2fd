import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import { write } from '../transaction'
import { dropRetries } from './drop-retries'

/** queued → skipped for one reader whose message cannot be made: one bad row stops nobody else. */
export async function skipUnfit(
  tx: EntityManager,
  newsletterId: number,
  readerId: number,
  reason: SkipReason,
): Promise<void> {
  await write(
    tx,
    `UPDATE delivery SET status = ?, skip_reason = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND status = ?`,
    [DeliveryStatus.SKIPPED, reason, newsletterId, readerId, DeliveryStatus.QUEUED],
  )
  await dropRetries(tx, [newsletterId], readerId)
}
