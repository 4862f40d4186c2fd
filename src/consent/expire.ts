// A yes that has run out. It is good for no mail from that moment on, whatever its state says; here the ledger learns of it.
import type { EntityManager } from 'typeorm'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { select } from '../transaction'
import { type ConsentFact, recordFacts } from './ledger'
import { touchReader } from './readers'
import { isOver } from './renewal-needs'
import { readStanding, type Standing } from './standing'

/** Of the readers with ids above `after`, up to `until`, the first `limit` who have a yes that is over. */
export async function readersToExpire(
  db: EntityManager,
  { after, until }: { after: number; until: number },
  limit: number,
): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT DISTINCT c.reader_id AS id FROM consent c LEFT JOIN topic t ON t.purpose_id = c.purpose_id
     WHERE c.reader_id > ? AND c.reader_id <= ? AND ${isOver} ORDER BY c.reader_id LIMIT ?`,
    [after, until, limit],
  )
  return rows.map(row => row.id)
}

/** Writes ConsentExpired for each yes of the reader that is over; without any it changes nothing. */
export async function expireConsents(tx: EntityManager, readerId: number): Promise<void> {
  await select(tx, 'SELECT id FROM reader WHERE id = ? FOR UPDATE', [readerId])
  const over = await select<{ id: number }>(
    tx,
    `SELECT c.purpose_id AS id FROM consent c LEFT JOIN topic t ON t.purpose_id = c.purpose_id
     WHERE c.reader_id = ? AND ${isOver}`,
    [readerId],
  )
  if (over.length === 0) return
  await touchReader(tx, readerId)
  const { reader, ...ledger } = await readStanding(tx, readerId, undefined)
  const ended = ledger.consents.filter(consent => over.some(one => one.id === consent.purposeId))
  await recordFacts(tx, reader, ledger, ended.map(expiredFact))
}

function expiredFact(consent: Standing): ConsentFact {
  const { purposeId, purposeVersionId, policyVersionId, policyNumber, wordingHash, policyHash } = consent
  if (!wordingHash || !policyHash) throw new Error('A consent names words that do not exist')
  return {
    purposeId,
    purposeVersionId,
    wordingHash,
    policyVersionId,
    policyNumber,
    policyHash,
    toState: 'ConsentExpired',
    surface: ConsentSurface.SYSTEM,
    method: ConsentMethod.EXPIRY,
    actor: 'SYSTEM',
    at: consent.now,
    evidence: consent.expiresAt ? { validUntil: consent.expiresAt.toISOString() } : {},
  }
}
