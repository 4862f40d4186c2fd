// The two moves a gate makes on a delivery. Both only from `queued`, and the caller commits them.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import { write } from '../transaction'
import type { Claim } from './claim'
import { dropRetries } from './drop-retries'

/** queued → sending, under this claim's fence. False: it is not open any more. */
export async function markSending(tx: EntityManager, claim: Claim, readerId: number): Promise<boolean> {
  const moved = await write(
    tx,
    `UPDATE delivery SET status = ?, fence = ?, attempts = attempts + 1, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND status = ?`,
    [DeliveryStatus.SENDING, claim.fence, claim.newsletterId, readerId, DeliveryStatus.QUEUED],
  )
  return moved === 1
}

/** queued → skipped(reason). */
export async function markSkipped(
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

/** At the claim: rows that can already be refused are skipped with their reason. Allows nothing. */
export async function skipRefused(
  tx: EntityManager,
  range: { newsletterId: number; fromReaderId: number; toReaderId: number },
  purposeId: number,
  skipReasonSql: string,
): Promise<void> {
  await write(
    tx,
    `UPDATE delivery d JOIN reader r ON r.id = d.reader_id
       LEFT JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ?
     SET d.status = ?, d.skip_reason = ${skipReasonSql}, d.at = UTC_TIMESTAMP(3)
     WHERE d.newsletter_id = ? AND d.reader_id BETWEEN ? AND ? AND d.status = ? AND ${skipReasonSql} IS NOT NULL`,
    [
      purposeId,
      DeliveryStatus.SKIPPED,
      range.newsletterId,
      range.fromReaderId,
      range.toReaderId,
      DeliveryStatus.QUEUED,
    ],
  )
}
