// The consent ledger: appends facts to a reader's hash chain and keeps the projection. The caller holds the reader's row lock.
import { createHash } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Consent, type ConsentState } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { insertStatement, upsertStatement } from '../insert-rows'
import { oneByOne, type Statement } from '../packets'
import { select } from '../transaction'
import { project } from './projection'
import { type Answer, mustBeAllowed, proofFields } from './proof'

/** What happened to one purpose of one reader. Evidence holds hashes and codes only, never a personal value (I8). */
export interface ConsentFact extends Answer {
  purposeId: number
  purposeVersionId: number
  wordingHash: Buffer
  policyVersionId: number
  policyNumber: number
  policyHash: Buffer
  evidence: Record<string, string | number>
}

export interface Principal {
  id: number
  publicId: string
}

/** A reader's ledger as it is, read under the reader's lock. */
export interface Ledger {
  /** The last event of the chain; undefined: there is none yet. */
  head: ChainEnd | undefined
  /** The projection, of the purposes in question at least. */
  consents: readonly Consent[]
  /** What is promised around every consent now (consent/terms). */
  terms?: Buffer | null
}

export type ChainEnd = Pick<ConsentEvent, 'position' | 'hash'>

export const GENESIS = Buffer.alloc(32)

/** The whole ledger of one reader; the caller holds the lock. */
export async function readLedger(tx: EntityManager, reader: Principal): Promise<Ledger> {
  const [row] = await select<{ terms: Buffer | null } & { [key in keyof ChainEnd]: ChainEnd[key] | null }>(
    tx,
    `SELECT s.terms_hash AS terms, e.position, e.hash
     FROM site s LEFT JOIN consent_event e ON e.principal = ?
     WHERE s.id = 1 ORDER BY e.position DESC LIMIT 1`,
    [reader.publicId],
  )
  const { position, hash, terms = null } = row ?? { position: null, hash: null }
  const head = position === null || hash === null ? undefined : { position, hash }
  return { head, terms, consents: await tx.findBy(Consent, { readerId: reader.id }) }
}

/** Appends the facts in order to what the ledger says and brings each purpose's projection up to date. */
export async function recordFacts(
  tx: EntityManager,
  reader: Principal,
  ledger: Ledger,
  facts: readonly ConsentFact[],
): Promise<void> {
  await oneByOne(tx)(recordStatements(tx.connection, reader, ledger, facts))
}

/** What appends them. */
export function recordStatements(
  db: DataSource,
  reader: Principal,
  ledger: Ledger,
  facts: readonly ConsentFact[],
): Statement[] {
  const { events, consents } = buildEvents(reader, facts, ledger)
  if (events.length === 0) return []
  return [insertStatement(db, ConsentEvent, events), upsertStatement(db, Consent, consents)]
}

/** Pure: the events that continue the chain, and the projection after them. */
export function buildEvents(
  reader: Principal,
  facts: readonly ConsentFact[],
  { consents, head, terms = null }: Ledger,
): { events: Omit<ConsentEvent, 'id'>[]; consents: Consent[] } {
  const current = new Map(consents.map(consent => [consent.purposeId, consent]))
  const touched = new Set<number>()
  const events: Omit<ConsentEvent, 'id'>[] = []
  let last = head ?? { position: 0, hash: GENESIS }
  for (const fact of facts) {
    const before = current.get(fact.purposeId)
    mustBeAllowed(fact, before)
    last = chainedEvent(reader, { ...fact, terms }, before?.state ?? 'ConsentUnknown', last)
    events.push(last as ConsentEvent)
    current.set(fact.purposeId, project(reader.id, fact, before))
    touched.add(fact.purposeId)
  }
  return { events, consents: [...current.values()].filter(consent => touched.has(consent.purposeId)) }
}

function chainedEvent(
  reader: Principal,
  fact: ConsentFact & { terms: Buffer | null },
  fromState: ConsentState,
  last: ChainEnd,
): Omit<ConsentEvent, 'id'> {
  const event = {
    publicId: uuidv7(),
    principal: reader.publicId,
    position: last.position + 1,
    previousHash: last.hash,
    recordVersion: fact.terms ? 2 : 1,
    purposeId: fact.purposeId,
    fromState,
    toState: fact.toState,
    purposeVersionId: fact.purposeVersionId,
    wordingHash: fact.wordingHash,
    policyVersionId: fact.policyVersionId,
    policyHash: fact.policyHash,
    termsHash: fact.terms,
    surface: fact.surface,
    method: fact.method,
    actor: fact.actor,
    at: fact.at,
    evidence: JSON.stringify({ ...fact.evidence, ...proofFields(fact.proof) }),
  }
  return { ...event, hash: hashOf(event) }
}

/** SHA-256 over every field of the event in this order; version 2 also covers the terms. */
export function hashOf(event: Omit<ConsentEvent, 'id' | 'hash'>): Buffer {
  const fields = [
    event.recordVersion,
    event.publicId,
    event.principal,
    event.position,
    event.previousHash.toString('hex'),
    event.purposeId,
    event.fromState,
    event.toState,
    event.purposeVersionId,
    event.wordingHash.toString('hex'),
    event.policyVersionId,
    event.policyHash.toString('hex'),
    event.surface,
    event.method,
    event.actor,
    event.at.toISOString(),
    event.evidence,
    ...(event.recordVersion === 1 ? [] : [event.termsHash?.toString('hex')]),
  ]
  return createHash('sha256').update(JSON.stringify(fields)).digest()
}
