// The gate: the one commit just before the final dot that decides whether a message goes (I3). Those that wait at the same
// moment are decided in one transaction, each by itself.
import type { UnderFence } from '../deliveries/by-fence'
import type { Claim } from '../deliveries/claim'
import { claimLocks, standingClaims } from '../deliveries/claim-lock'
import { countedStatement, sendingStatements, skippedStatements } from '../deliveries/pass'
import { sentStatements } from '../deliveries/settle-sent'
import type { SkipReason } from '../entities/delivery'
import { COMMIT, inPackets, type Packets, type Prepared, type Send, START, type Statement } from '../packets'
import { Permit } from './permit'
import { skipReasonSql } from './skip-reason'

export interface GateQuestion {
  claim: Claim
  readerId: number
  /** The reader's version the message was composed from. */
  readerVersion: number
}

/** At most MAX_GROUP messages of one newsletter that wait, and those of any newsletter that the server has taken since the last gate. */
export interface GateGroup {
  newsletterId: number
  purposeId: number
  questions: readonly GateQuestion[]
  sent: readonly UnderFence[]
}

/** Why a message may not go now, besides the skip reasons, which are final. */
export type GateRefusal =
  | 'SITE_STOPPED'
  | 'NOT_SENDING'
  | 'CLAIM_LOST'
  | 'READER_CHANGED'
  | 'NOT_OPEN'
  /** Somebody else holds the reader's row: ask again. */
  | 'READER_BUSY'
  | SkipReason

export type GateAnswer = { kind: 'passed'; permit: Permit } | { kind: 'refused'; reason: GateRefusal }

/**
 * Answers each question, in their order. One passes only if, in the same transaction and under the reader's row lock, the
 * site is not stopped, the newsletter is SENDING and inside its window, the claim's fence and lease stand, the reader's version is the composed
 * one and no skip reason applies, frequency caps included. A final refusal is written as the delivery's skip reason.
 * The same commit settles `sent`. Lock order: site → newsletter → claim → reader → delivery. Any error, above all at
 * COMMIT, is thrown, and then nobody has a permit: what was asked has to be put back, `sent` to be settled again.
 */
export async function passGates(packets: Packets, group: GateGroup): Promise<GateAnswer[]> {
  const refusals = await inPackets(packets, async send => {
    const facts = await lockAndRead(send, group)
    const refusals = group.questions.map(question => refusalOf(question, facts))
    const passing = group.questions.filter((_, index) => refusals[index] === undefined)
    const sending = sendingStatements(group.newsletterId, passing)
    const answers = await send([
      ...sending,
      ...passingStatements(group, passing),
      ...skippingStatements(group, refusals),
      ...sentStatements(group.sent),
      COMMIT,
    ])
    const moved = answers.slice(0, sending.length).reduce((sum, { affected }) => sum + affected, 0)
    // Nobody moves a queued delivery without one of the locks held here; if it happens all the same, nothing goes out.
    if (moved !== passing.length) throw new Error('Deliveries changed under the lock of the gate')
    return refusals
  })
  return refusals.map(reason =>
    reason === undefined ? { kind: 'passed', permit: Permit.afterCommit() } : { kind: 'refused', reason },
  )
}

/** Longer IN lists make MariaDB change its plan, and with it the order of locks. */
export const MAX_GROUP = 100

/** What speaks for and against the readers of a group. Prepared, as parsing it takes as long as answering it (measured). */
export const gateFacts: Prepared = {
  name: 'gate_facts',
  sql: `SELECT d.reader_id, d.status, r.version, ${skipReasonSql} AS reason
    FROM delivery d STRAIGHT_JOIN reader r ON r.id = d.reader_id
      LEFT JOIN consent c ON c.purpose_id = ? AND c.reader_id = r.id
    WHERE d.newsletter_id = ? AND d.reader_id IN (${Array(MAX_GROUP).fill('?').join(', ')})`,
}

/** As many as the prepared statement has places: naming a reader twice asks nothing more. */
const filledUp = (readerIds: readonly number[]): number[] =>
  Array.from({ length: MAX_GROUP }, (_, at) => readerIds[Math.min(at, readerIds.length - 1)] as number)

interface Facts {
  /** Holds for the whole newsletter. */
  held: GateRefusal | undefined
  stands: (claim: Claim) => boolean
  locked: ReadonlySet<unknown>
  readers: ReadonlyMap<unknown, { version: number; status: string; reason: SkipReason | null }>
}

async function lockAndRead(send: Send, { newsletterId, purposeId, questions }: GateGroup): Promise<Facts> {
  const readerIds = questions.map(question => question.readerId).sort((a, b) => a - b)
  const claims = claimLocks(
    newsletterId,
    questions.map(question => question.claim),
  )
  const [, held, ...rest] = await send([
    START,
    {
      sql: `SELECT s.stopped_at IS NOT NULL OR s.held_at IS NOT NULL AS stopped, n.status,
          n.expires_at <= UTC_TIMESTAMP(3) AS expired FROM site s STRAIGHT_JOIN newsletter n ON n.id = ?
        WHERE s.id = 1 LOCK IN SHARE MODE`,
      parameters: [newsletterId],
    },
    ...claims,
    // A reader whose row somebody holds waits for the next group instead of making this one wait.
    {
      sql: 'SELECT id FROM reader WHERE id IN (?) ORDER BY id FOR UPDATE SKIP LOCKED',
      parameters: [readerIds],
    },
    // After the locks: this plain read sees every commit made under them.
    {
      sql: `EXECUTE ${gateFacts.name} USING ?`,
      parameters: [[purposeId, newsletterId, ...filledUp(readerIds)]],
    },
  ])
  const [locked, facts] = rest.slice(claims.length)
  return {
    held: heldBy(held?.rows[0]),
    stands: standingClaims(rest.slice(0, claims.length)),
    locked: new Set(locked?.rows.map(row => row.id)),
    readers: new Map(facts?.rows.map(row => [row.reader_id, row as never])),
  }
}

function heldBy(row: Record<string, unknown> | undefined): GateRefusal | undefined {
  if (!row || row.stopped) return 'SITE_STOPPED'
  return row.status === 'SENDING' && !row.expired ? undefined : 'NOT_SENDING'
}

function refusalOf({ claim, readerId, readerVersion }: GateQuestion, facts: Facts): GateRefusal | undefined {
  if (facts.held) return facts.held
  if (!facts.stands(claim)) return 'CLAIM_LOST'
  if (!facts.locked.has(readerId)) return 'READER_BUSY'
  const reader = facts.readers.get(readerId)
  if (!reader) return 'NOT_OPEN'
  if (reader.version !== readerVersion) return 'READER_CHANGED'
  if (reader.reason) return reader.reason
  return reader.status === 'queued' ? undefined : 'NOT_OPEN'
}

function passingStatements(
  { newsletterId, purposeId }: GateGroup,
  passing: readonly GateQuestion[],
): Statement[] {
  if (passing.length === 0) return []
  const readerIds = passing.map(question => question.readerId).sort((a, b) => a - b)
  return [
    // The write is part of the check: on Galera a lock alone is not seen by the other nodes.
    { sql: 'UPDATE reader SET gates = gates + 1 WHERE id IN (?)', parameters: [readerIds] },
    countedStatement(newsletterId, purposeId, readerIds),
  ]
}

const NOT_FINAL: ReadonlySet<GateRefusal | undefined> = new Set([
  undefined,
  'SITE_STOPPED',
  'NOT_SENDING',
  'CLAIM_LOST',
  'READER_CHANGED',
  'NOT_OPEN',
  'READER_BUSY',
])

function skippingStatements(
  { newsletterId, questions }: GateGroup,
  refusals: readonly (GateRefusal | undefined)[],
): Statement[] {
  const reasons = [...new Set(refusals)].filter(reason => !NOT_FINAL.has(reason)) as SkipReason[]
  return reasons.flatMap(reason => {
    const skipped = questions.filter((_, index) => refusals[index] === reason)
    return skippedStatements(
      newsletterId,
      reason,
      skipped.map(one => one.readerId).sort((a, b) => a - b),
    )
  })
}
