// The gate: the one commit just before the final dot that decides whether this message goes (I3).
import type { DataSource, EntityManager } from 'typeorm'
import { type Claim, lockClaim } from '../deliveries/claim'
import { markSending, markSkipped } from '../deliveries/pass'
import type { SkipReason } from '../entities/delivery'
import { select, transaction, write } from '../transaction'
import { Permit } from './permit'
import { skipReasonSql } from './skip-reason'

export interface GateQuestion {
  claim: Claim
  purposeId: number
  readerId: number
  /** The reader's version the message was composed from. */
  readerVersion: number
}

/** Why a message may not go now, besides the skip reasons, which are final. */
export type GateRefusal =
  | 'SITE_STOPPED'
  | 'NOT_SENDING'
  | 'CLAIM_LOST'
  | 'READER_CHANGED'
  | 'NOT_OPEN'
  | SkipReason

export type GateAnswer = { kind: 'passed'; permit: Permit } | { kind: 'refused'; reason: GateRefusal }

/**
 * Passes only if, in one transaction and under the reader's row lock, the site is not stopped, the newsletter is
 * SENDING, the claim's fence and lease stand, the reader's version is the composed one and no skip reason applies.
 * A final refusal is written as the delivery's skip reason. Lock order: site → newsletter → claim → reader → delivery.
 * Any error, above all at COMMIT, means no permit.
 */
export async function passGate(db: DataSource, question: GateQuestion): Promise<GateAnswer> {
  const refusal = await transaction(db, tx => decide(tx, question))
  return refusal ? { kind: 'refused', reason: refusal } : { kind: 'passed', permit: Permit.afterCommit() }
}

async function decide(tx: EntityManager, question: GateQuestion): Promise<GateRefusal | undefined> {
  const { claim, readerId } = question
  const held = await newsletterRefusal(tx, claim.newsletterId)
  if (held) return held
  if (!(await lockClaim(tx, claim))) return 'CLAIM_LOST'
  // The write is part of the check: on Galera a lock alone is not seen by the other nodes.
  const [reader] = await select<{ version: number }>(
    tx,
    'SELECT version FROM reader WHERE id = ? FOR UPDATE',
    [readerId],
  )
  if (reader?.version !== question.readerVersion) return 'READER_CHANGED'
  const reason = await skipReason(tx, readerId, question.purposeId)
  if (reason) {
    await markSkipped(tx, claim.newsletterId, readerId, reason)
    return reason
  }
  if (!(await markSending(tx, claim, readerId))) return 'NOT_OPEN'
  await write(tx, 'UPDATE reader SET gates = gates + 1 WHERE id = ?', [readerId])
  return undefined
}

async function newsletterRefusal(tx: EntityManager, newsletterId: number): Promise<GateRefusal | undefined> {
  const [row] = await select<{ stopped_at: Date | null; held_at: Date | null; status: string }>(
    tx,
    `SELECT s.stopped_at, s.held_at, n.status FROM site s STRAIGHT_JOIN newsletter n ON n.id = ?
     WHERE s.id = 1 LOCK IN SHARE MODE`,
    [newsletterId],
  )
  if (!row || row.stopped_at || row.held_at) return 'SITE_STOPPED'
  return row.status === 'SENDING' ? undefined : 'NOT_SENDING'
}

/** Its own statement after the reader's lock is held: its plain reads then see every commit made under that lock. */
async function skipReason(
  tx: EntityManager,
  readerId: number,
  purposeId: number,
): Promise<SkipReason | undefined> {
  const [row] = await select<{ reason: SkipReason | null }>(
    tx,
    `SELECT ${skipReasonSql} AS reason FROM reader r
     LEFT JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ? WHERE r.id = ? LOCK IN SHARE MODE`,
    [purposeId, readerId],
  )
  return row?.reason ?? undefined
}
