// What came of a hand-off. Only the holder of the fence under which the gate passed may say so.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { select, write } from '../transaction'
import { type Claim, holdsClaim } from './claim'
import { openStatus } from './open-status'

/** All but `sent`, which has its own way (settle-sent). */
export type Settlement =
  /** 5xx: never tried again. */
  | { kind: 'failed'; smtpStatus?: string; diagnostic?: string }
  /** 4xx: tried again later. */
  | { kind: 'deferred'; smtpStatus?: string; diagnostic?: string }
  /** No answer after the final dot: never sent again by itself (I5). */
  | { kind: 'unknown'; smtpStatus?: string; diagnostic?: string }
  /** The gate may have committed, but the final dot was provably never written. */
  | { kind: 'not-sent' }

const MINUTE = 60_000
/** standards §N: 15 min, 30 min, 1 h, 2 h, 4 h, then every 8 h, ±10 %; given up after 96 h. */
const RETRY_MINUTES = [15, 30, 60, 120, 240]
const LATER_MINUTES = 480
const GIVE_UP_HOURS = 96

/**
 * sending → failed | unknown | queued (or cancelled with its newsletter). What did not go no longer counts against the
 * reader's frequency caps.
 */
export async function settle(
  tx: EntityManager,
  claim: Claim,
  readerId: number,
  settlement: Settlement,
): Promise<void> {
  if (settlement.kind === 'not-sent') return putBack(tx, claim, readerId)
  if (settlement.kind !== 'unknown') await giveBack(tx, claim, readerId)
  if (settlement.kind === 'deferred') return defer(tx, claim, readerId, settlement)
  await finishAs(
    tx,
    claim,
    readerId,
    DeliveryStatus[settlement.kind.toUpperCase() as 'FAILED' | 'UNKNOWN'],
    settlement,
  )
}

async function finishAs(
  tx: EntityManager,
  claim: Claim,
  readerId: number,
  status: DeliveryStatus,
  reply: { smtpStatus?: string; diagnostic?: string },
): Promise<void> {
  await write(
    tx,
    `UPDATE delivery SET status = ?, smtp_status = ?, diagnostic = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND (status IN (?) AND fence = ? OR status = ? AND ?)`,
    [
      status,
      reply.smtpStatus ?? null,
      reply.diagnostic ?? null,
      claim.newsletterId,
      readerId,
      [DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN],
      claim.fence,
      DeliveryStatus.QUEUED,
      // Refused before the gate (at RCPT, say): still queued, and final only for its present holder.
      status === DeliveryStatus.FAILED && (await holdsClaim(tx, claim)),
    ],
  )
  await dropRetry(tx, claim, readerId)
}

/** Under the fence it was counted with: a later holder's count stays. */
const giveBack = (tx: EntityManager, claim: Claim, readerId: number): Promise<number> =>
  write(
    tx,
    `DELETE s FROM reader_send s JOIN delivery d ON d.newsletter_id = s.newsletter_id AND d.reader_id = s.reader_id
     WHERE s.newsletter_id = ? AND s.reader_id = ? AND d.status IN (?) AND d.fence = ?`,
    [claim.newsletterId, readerId, [DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN], claim.fence],
  )

async function putBack(tx: EntityManager, claim: Claim, readerId: number): Promise<void> {
  const open = await openStatus(tx, claim.newsletterId)
  // A gate holds this lock from its first statement on: one whose answer was given up may commit until it is free.
  await select(tx, 'SELECT id FROM reader WHERE id = ? FOR UPDATE', [readerId])
  await giveBack(tx, claim, readerId)
  await write(
    tx,
    `UPDATE delivery SET status = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND status = ? AND fence = ?`,
    [open, claim.newsletterId, readerId, DeliveryStatus.SENDING, claim.fence],
  )
  if (open === DeliveryStatus.CANCELLED) await dropRetry(tx, claim, readerId)
}

async function defer(
  tx: EntityManager,
  claim: Claim,
  readerId: number,
  reply: { smtpStatus?: string; diagnostic?: string },
): Promise<void> {
  const open = await openStatus(tx, claim.newsletterId)
  if (!(await holdsClaim(tx, claim))) return
  const [tried] = await select<{ age: number }>(
    tx,
    `SELECT TIMESTAMPDIFF(MICROSECOND, first_tried_at, UTC_TIMESTAMP(3)) / 1000 AS age FROM delivery_retry
     WHERE newsletter_id = ? AND reader_id = ?`,
    [claim.newsletterId, readerId],
  )
  const ageMs = Number(tried?.age ?? 0)
  if (ageMs > GIVE_UP_HOURS * 60 * MINUTE) return finishAs(tx, claim, readerId, DeliveryStatus.FAILED, reply)
  await write(
    tx,
    `UPDATE delivery SET status = ?, smtp_status = ?, diagnostic = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id = ? AND reader_id = ? AND (status = ? OR status = ? AND fence = ?)`,
    [
      open,
      reply.smtpStatus ?? null,
      reply.diagnostic ?? null,
      claim.newsletterId,
      readerId,
      DeliveryStatus.QUEUED,
      DeliveryStatus.SENDING,
      claim.fence,
    ],
  )
  if (open === DeliveryStatus.CANCELLED) return void (await dropRetry(tx, claim, readerId))
  await write(
    tx,
    `INSERT INTO delivery_retry (newsletter_id, reader_id, due_at, first_tried_at, fence)
     VALUES (?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND, UTC_TIMESTAMP(3), ?)
     ON DUPLICATE KEY UPDATE due_at = IF(fence = VALUES(fence), VALUES(due_at), due_at),
       lease_until = IF(fence = VALUES(fence), NULL, lease_until)`,
    [claim.newsletterId, readerId, Math.round(retryDelayMs(ageMs) * 1000), claim.fence],
  )
}

/** The pause before the next attempt of something first tried `ageMs` ago. */
export function retryDelayMs(ageMs: number): number {
  let due = 0
  for (const minutes of RETRY_MINUTES) {
    due += minutes * MINUTE
    // Half a step of slack: an attempt a little early or late still counts as this step's.
    if (ageMs < due - (minutes * MINUTE) / 2) return minutes * MINUTE * (0.9 + Math.random() * 0.2)
  }
  return LATER_MINUTES * MINUTE * (0.9 + Math.random() * 0.2)
}

const dropRetry = (tx: EntityManager, claim: Claim, readerId: number): Promise<number> =>
  write(tx, 'DELETE FROM delivery_retry WHERE newsletter_id = ? AND reader_id = ? AND fence = ?', [
    claim.newsletterId,
    readerId,
    claim.fence,
  ])
