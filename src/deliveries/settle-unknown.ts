// A named person says what became of a delivery the server gave no answer for, or that it is to be tried again (I5).
import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { DeliveryDecision } from '../entities/delivery-decision'
import { databaseTime, select, write } from '../transaction'

export interface UnknownDecision {
  newsletterId: number
  readerId: number
  /** Who decided. */
  staffId: number
  outcome: DeliveryStatus.SENT | DeliveryStatus.FAILED | DeliveryStatus.QUEUED
  reason: string
}

/**
 * unknown → sent | failed | queued with a retry that is due now; kept with who, when and why. False when it is not
 * unknown (any more), as after a late answer of the server: nothing then changes. The caller holds the newsletter's row
 * lock; the reader's is taken here, so that a withdrawal comes before or after.
 */
export async function settleUnknown(tx: EntityManager, decision: UnknownDecision): Promise<boolean> {
  const { newsletterId, readerId, outcome } = decision
  await select(tx, 'SELECT 1 FROM reader WHERE id = ? FOR UPDATE', [readerId])
  const moved = await write(
    tx,
    `UPDATE delivery SET status = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND status = ?`,
    [outcome, newsletterId, readerId, DeliveryStatus.UNKNOWN],
  )
  if (moved !== 1) return false
  if (outcome === DeliveryStatus.QUEUED) await retryNow(tx, newsletterId, readerId)
  const { staffId, reason } = decision
  const at = await databaseTime(tx)
  const facts = { newsletterId, readerId, staffId, reason, at }
  await tx.insert(DeliveryDecision, { ...facts, fromStatus: DeliveryStatus.UNKNOWN, toStatus: outcome })
  return true
}

/** Above the fence of the lost attempt: should its holder still be there, this row is none of its business. */
const retryNow = (tx: EntityManager, newsletterId: number, readerId: number): Promise<number> =>
  write(
    tx,
    `INSERT INTO delivery_retry (newsletter_id, reader_id, due_at, first_tried_at, fence)
     SELECT newsletter_id, reader_id, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), COALESCE(fence, 0) + 1 FROM delivery
     WHERE newsletter_id = ? AND reader_id = ?`,
    [newsletterId, readerId],
  )
