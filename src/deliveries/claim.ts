// Claiming work: a range of readers, or one delivery that waits for a retry. Fence and lease are by the database clock.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { select, write } from '../transaction'

export interface RangeClaim {
  kind: 'range'
  newsletterId: number
  fromReaderId: number
  toReaderId: number
  fence: number
}

export interface RetryClaim {
  kind: 'retry'
  newsletterId: number
  readerId: number
  fence: number
}

/** Proof of who may work on a delivery: every write carries the fence, the gate checks the lease as well. */
export type Claim = RangeClaim | RetryClaim

const FREE = '(lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))'
const LEASE = 'UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND'

/**
 * Takes the next free range, if any. What an earlier holder left past its gate becomes `unknown`: the message may be
 * out, so it is never sent again by itself (I5). What it left before the gate is simply still queued.
 */
export async function claimRange(
  tx: EntityManager,
  newsletterId: number,
  leaseMs: number,
): Promise<RangeClaim | undefined> {
  const [range] = await select<{ from_reader_id: number; to_reader_id: number; fence: number }>(
    tx,
    `SELECT from_reader_id, to_reader_id, fence FROM delivery_range
     WHERE newsletter_id = ? AND done_at IS NULL AND ${FREE} ORDER BY from_reader_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [newsletterId],
  )
  if (!range) return undefined
  const claim: RangeClaim = {
    kind: 'range',
    newsletterId,
    fromReaderId: range.from_reader_id,
    toReaderId: range.to_reader_id,
    fence: range.fence + 1,
  }
  await write(
    tx,
    `UPDATE delivery_range SET fence = ?, lease_until = ${LEASE} WHERE newsletter_id = ? AND from_reader_id = ?`,
    [claim.fence, leaseMs * 1000, newsletterId, claim.fromReaderId],
  )
  // Nobody was here before: nothing can have been left.
  if (range.fence === 0) return claim
  await write(
    tx,
    `UPDATE delivery d SET d.status = ?, d.at = UTC_TIMESTAMP(3)
     WHERE d.newsletter_id = ? AND d.reader_id BETWEEN ? AND ? AND d.status = ? AND NOT EXISTS
       (SELECT 1 FROM delivery_retry t WHERE t.newsletter_id = d.newsletter_id AND t.reader_id = d.reader_id)`,
    [DeliveryStatus.UNKNOWN, newsletterId, claim.fromReaderId, claim.toReaderId, DeliveryStatus.SENDING],
  )
  return claim
}

/** Takes up to `limit` deliveries whose next attempt is due. One left past its gate becomes `unknown` instead. */
export async function claimRetries(
  tx: EntityManager,
  newsletterId: number,
  leaseMs: number,
  limit: number,
): Promise<RetryClaim[]> {
  const due = await select<{ reader_id: number; fence: number }>(
    tx,
    `SELECT reader_id, fence FROM delivery_retry WHERE newsletter_id = ? AND due_at <= UTC_TIMESTAMP(3) AND ${FREE}
     ORDER BY reader_id LIMIT ? FOR UPDATE SKIP LOCKED`,
    [newsletterId, limit],
  )
  if (due.length === 0) return []
  const ids = due.map(row => row.reader_id)
  await write(
    tx,
    'UPDATE delivery SET status = ?, at = UTC_TIMESTAMP(3) WHERE newsletter_id = ? AND reader_id IN (?) AND status = ?',
    [DeliveryStatus.UNKNOWN, newsletterId, ids, DeliveryStatus.SENDING],
  )
  await write(
    tx,
    `DELETE t FROM delivery_retry t JOIN delivery d ON d.newsletter_id = t.newsletter_id AND d.reader_id = t.reader_id
     WHERE t.newsletter_id = ? AND t.reader_id IN (?) AND d.status <> ?`,
    [newsletterId, ids, DeliveryStatus.QUEUED],
  )
  await write(
    tx,
    `UPDATE delivery_retry SET fence = fence + 1, lease_until = ${LEASE} WHERE newsletter_id = ? AND reader_id IN (?)`,
    [leaseMs * 1000, newsletterId, ids],
  )
  return due.map(row => ({ kind: 'retry', newsletterId, readerId: row.reader_id, fence: row.fence + 1 }))
}

/** Lengthens the lease; false when the claim is lost, and with it the right to do anything more. */
export async function renewLease(tx: EntityManager, claim: RangeClaim, leaseMs: number): Promise<boolean> {
  const renewed = await write(
    tx,
    `UPDATE delivery_range SET lease_until = ${LEASE}
     WHERE newsletter_id = ? AND from_reader_id = ? AND fence = ? AND lease_until > UTC_TIMESTAMP(3)`,
    [leaseMs * 1000, claim.newsletterId, claim.fromReaderId, claim.fence],
  )
  return renewed === 1
}

/**
 * Gives the range back: done if nothing in it is open any more, free for the next claim otherwise; after `pauseMs`,
 * where what is left has to wait for its turn.
 */
export async function releaseRange(tx: EntityManager, claim: RangeClaim, pauseMs = 0): Promise<void> {
  await write(
    tx,
    `UPDATE delivery_range g SET g.lease_until = ${LEASE}, g.done_at = IF(EXISTS
       (SELECT 1 FROM delivery d WHERE d.newsletter_id = ? AND d.reader_id BETWEEN ? AND ? AND d.status IN (?)
          AND NOT EXISTS (SELECT 1 FROM delivery_retry t
            WHERE t.newsletter_id = d.newsletter_id AND t.reader_id = d.reader_id)), NULL, UTC_TIMESTAMP(3))
     WHERE g.newsletter_id = ? AND g.from_reader_id = ? AND g.fence = ?`,
    [
      pauseMs * 1000,
      claim.newsletterId,
      claim.fromReaderId,
      claim.toReaderId,
      [DeliveryStatus.QUEUED, DeliveryStatus.SENDING],
      claim.newsletterId,
      claim.fromReaderId,
      claim.fence,
    ],
  )
}

/** Gives back what is still claimed: due again after `pauseMs`. What was settled has no row, or no lease any more. */
export async function releaseRetries(
  tx: EntityManager,
  newsletterId: number,
  claims: readonly RetryClaim[],
  pauseMs: number,
): Promise<void> {
  if (claims.length === 0) return
  await write(
    tx,
    `UPDATE delivery_retry SET lease_until = NULL, due_at = ${LEASE}
     WHERE newsletter_id = ? AND (reader_id, fence) IN (?) AND lease_until IS NOT NULL`,
    [pauseMs * 1000, newsletterId, claims.map(claim => [claim.readerId, claim.fence])],
  )
}

/** The same for retries; those that are done or lost are left alone. */
export async function renewRetries(
  tx: EntityManager,
  newsletterId: number,
  claims: readonly RetryClaim[],
  leaseMs: number,
): Promise<void> {
  if (claims.length === 0) return
  await write(
    tx,
    `UPDATE delivery_retry SET lease_until = ${LEASE}
     WHERE newsletter_id = ? AND (reader_id, fence) IN (?) AND lease_until > UTC_TIMESTAMP(3)`,
    [leaseMs * 1000, newsletterId, claims.map(claim => [claim.readerId, claim.fence])],
  )
}

/** Whether nobody has taken the claim over, however long ago its lease ended. Locked until the transaction ends. */
export async function holdsClaim(tx: EntityManager, claim: Claim): Promise<boolean> {
  const rows =
    claim.kind === 'range'
      ? await select(
          tx,
          'SELECT 1 FROM delivery_range WHERE newsletter_id = ? AND from_reader_id = ? AND fence = ? LOCK IN SHARE MODE',
          [claim.newsletterId, claim.fromReaderId, claim.fence],
        )
      : await select(
          tx,
          'SELECT 1 FROM delivery_retry WHERE newsletter_id = ? AND reader_id = ? AND fence = ? LOCK IN SHARE MODE',
          [claim.newsletterId, claim.readerId, claim.fence],
        )
  return rows.length === 1
}
