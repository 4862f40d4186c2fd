// At the claim: rows that can already be refused are skipped with their reason. Allows nothing; the gate asks again.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { select, write } from '../transaction'

/** queued → skipped for those of the readers whose reason still applies under their lock. */
export async function skipRefused(
  tx: EntityManager,
  newsletterId: number,
  readerIds: readonly number[],
  purposeId: number,
  skipReasonSql: string,
): Promise<void> {
  if (readerIds.length === 0) return
  await select(tx, 'SELECT id FROM reader WHERE id IN (?) ORDER BY id FOR UPDATE', [readerIds])
  await write(
    tx,
    `UPDATE delivery d JOIN reader r ON r.id = d.reader_id
       LEFT JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ?
     SET d.status = ?, d.skip_reason = ${skipReasonSql}, d.at = UTC_TIMESTAMP(3)
     WHERE d.newsletter_id = ? AND d.reader_id IN (?) AND d.status = ? AND ${skipReasonSql} IS NOT NULL`,
    [purposeId, DeliveryStatus.SKIPPED, newsletterId, readerIds, DeliveryStatus.QUEUED],
  )
  await write(
    tx,
    `DELETE t FROM delivery_retry t JOIN delivery d ON d.newsletter_id = t.newsletter_id AND d.reader_id = t.reader_id
     WHERE t.newsletter_id = ? AND t.reader_id IN (?) AND d.status = ?`,
    [newsletterId, readerIds, DeliveryStatus.SKIPPED],
  )
}
