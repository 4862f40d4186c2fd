import type { EntityManager } from 'typeorm'
import { databaseTime, write } from '../transaction'
import { type Claim, holdsClaim } from './claim'
import { openStatus } from './open-status'

/**
 * Leaves a queued delivery alone until then, as a retry that has not been tried yet; spends no attempt. Does nothing once
 * the claim is lost or the newsletter cancelled.
 */
export async function postpone(
  tx: EntityManager,
  claim: Claim,
  readerId: number,
  until: Date,
): Promise<void> {
  if ((await openStatus(tx, claim.newsletterId)) !== 'queued' || !(await holdsClaim(tx, claim))) return
  await write(
    tx,
    `INSERT INTO delivery_retry (newsletter_id, reader_id, due_at, first_tried_at, fence) VALUES (?, ?, ?, ?, ?)
     ON DUPLICATE KEY UPDATE due_at = IF(fence = VALUES(fence), VALUES(due_at), due_at),
       lease_until = IF(fence = VALUES(fence), NULL, lease_until)`,
    [claim.newsletterId, readerId, until, until, claim.fence],
  )
}

/** The same for so many milliseconds from now. */
export const postponeBy = async (
  tx: EntityManager,
  claim: Claim,
  readerId: number,
  ms: number,
): Promise<void> => postpone(tx, claim, readerId, new Date((await databaseTime(tx)).getTime() + ms))
