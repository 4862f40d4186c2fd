// The moves a gate makes on deliveries, as statements of its packet. All only from `queued`; the gate commits them.
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import type { Statement } from '../packets'
import { byFence, type UnderFence } from './by-fence'

/** queued → sending, under each claim's fence. Their touched rows must add up to the number of those passing. */
export const sendingStatements = (newsletterId: number, passing: readonly UnderFence[]): Statement[] =>
  byFence(passing).map(([fence, readerIds]) => ({
    sql: `UPDATE delivery SET status = ?, fence = ?, attempts = attempts + 1, at = UTC_TIMESTAMP(3)
      WHERE newsletter_id = ? AND reader_id IN (?) AND status = ?`,
    parameters: [DeliveryStatus.SENDING, fence, newsletterId, readerIds, DeliveryStatus.QUEUED],
  }))

/** queued → skipped(reason), with the retry they may have waited for. */
export function skippedStatements(
  newsletterId: number,
  reason: SkipReason,
  readerIds: readonly number[],
): Statement[] {
  return [
    {
      sql: `UPDATE delivery SET status = ?, skip_reason = ?, at = UTC_TIMESTAMP(3)
        WHERE newsletter_id = ? AND reader_id IN (?) AND status = ?`,
      parameters: [DeliveryStatus.SKIPPED, reason, newsletterId, readerIds, DeliveryStatus.QUEUED],
    },
    {
      sql: 'DELETE FROM delivery_retry WHERE newsletter_id = ? AND reader_id IN (?)',
      parameters: [newsletterId, readerIds],
    },
  ]
}

/** What counts against the readers' frequency caps from now on. */
export const countedStatement = (
  newsletterId: number,
  purposeId: number,
  readerIds: readonly number[],
): Statement => ({
  sql: `INSERT INTO reader_send (reader_id, newsletter_id, purpose_id, at)
    VALUES ${readerIds.map(() => '(?, ?, ?, UTC_TIMESTAMP(3))').join(', ')}
    ON DUPLICATE KEY UPDATE at = VALUES(at)`,
  parameters: readerIds.flatMap(id => [id, newsletterId, purposeId]),
})
