// What a reader can take back: the consents that stand, with the hashes of what was agreed to.
import type { EntityManager } from 'typeorm'
import type { Consent } from '../entities/consent'
import type { Reader } from '../entities/reader'
import { type Answer, oneByOne, type Statement } from '../packets'
import type { ChainEnd, Ledger } from './ledger'
import { SENDABLE } from './skip-reason'

export interface Standing extends Consent {
  /** Null: these words do not exist, which must not happen. */
  wordingHash: Buffer | null
  policyHash: Buffer | null
  /** By the database's clock and under the reader's lock. */
  now: Date
}

type KnownReader = Pick<Reader, 'id' | 'publicId' | 'reference' | 'addressHash'>

/** One for each consent that stands; for a reader without any, one with nulls in its place. */
type Row = KnownReader & { terms: Buffer | null } & { [key in keyof ChainEnd]: ChainEnd[key] | null } & (
    | Standing
    | { purposeId: null }
  )

type ReaderStanding = { reader: KnownReader; consents: Standing[] } & Ledger

/**
 * The reader, the end of the chain, and what stands for one purpose or (undefined) for all. The caller holds the
 * reader's lock.
 */
export async function readStanding(
  tx: EntityManager,
  readerId: number,
  purposeId: number | undefined,
): Promise<ReaderStanding> {
  const [answer] = await oneByOne(tx)([standingStatement(readerId, purposeId)])
  return standingOf(answer)
}

/** What reads it. One statement, as many leave at the same time while a newsletter goes out. */
export const standingStatement = (readerId: number, purposeId: number | undefined): Statement => ({
  sql: `SELECT r.id, r.public_id AS publicId, r.reference, r.address_hash AS addressHash, e.position, e.hash,
       c.purpose_id AS purposeId, c.reader_id AS readerId, c.state, c.purpose_version_id AS purposeVersionId,
       c.policy_version_id AS policyVersionId, c.policy_number AS policyNumber, c.changed_at AS changedAt,
       c.given_at AS givenAt, c.ended_at AS endedAt, c.expires_at AS expiresAt, c.frequency,
       c.paused_until AS pausedUntil,
       w.wording_hash AS wordingHash, p.hash AS policyHash, UTC_TIMESTAMP(3) AS now,
       (SELECT terms_hash FROM site WHERE id = 1) AS terms
     FROM reader r
       LEFT JOIN consent_event e ON e.principal = r.public_id
         AND e.position = (SELECT MAX(position) FROM consent_event WHERE principal = r.public_id)
       LEFT JOIN consent c ON c.reader_id = r.id AND c.state IN ${SENDABLE} AND (? IS NULL OR c.purpose_id = ?)
       LEFT JOIN purpose_version w ON w.id = c.purpose_version_id
       LEFT JOIN policy_version p ON p.id = c.policy_version_id
     WHERE r.id = ? ORDER BY c.purpose_id`,
  parameters: [purposeId ?? null, purposeId ?? null, readerId],
})

/** What it says. */
export function standingOf(answer: Answer | undefined): ReaderStanding {
  const rows = (answer?.rows ?? []) as unknown as Row[]
  const [reader] = rows
  if (!reader) throw new Error('There is no such reader')
  const { position, hash, terms } = reader
  const head = position === null || hash === null ? undefined : { position, hash }
  return { reader, head, terms, consents: rows.filter(row => row.purposeId !== null) }
}
