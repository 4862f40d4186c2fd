// Goes along every reader's chain: each hash, each link, each step allowed, and the projection what the steps add up to.
import type { DataSource, EntityManager } from 'typeorm'
import { Consent } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { select } from '../transaction'
import type { Findings } from './findings'
import { groupBy } from './group-by'
import { type ChainEnd, GENESIS, hashOf } from './ledger'
import { project } from './projection'
import { mustBeAllowed, proofIn } from './proof'
import type { Texts } from './verify-texts'

const ROWS_AT_ONCE = 4000
const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

type Kept = Consent & { principal: string }

/** Some readers' events and projection at one moment: all of each reader's. */
interface Page {
  events: ConsentEvent[]
  consents: Kept[]
  /** Undefined: that was the last one. */
  next: string | undefined
}

/**
 * Reads all events by reader, a few thousand at a time, each lot with its projection as of one moment; what is written
 * meanwhile is no break. One break is reported for each reader at most. Returns what there was.
 */
export async function verifyChains(
  db: DataSource,
  texts: Texts,
  findings: Findings,
  onProgress: (events: number) => void,
): Promise<{ events: number; readers: number }> {
  const seen = { events: 0, readers: 0 }
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const from: string = after
    const page = await db.transaction('REPEATABLE READ', tx => readPage(tx, from))
    await texts.know(page.events)
    const consents = groupBy(page.consents, consent => consent.principal)
    for (const [principal, events] of groupBy(page.events, event => event.principal)) {
      const found = brokenChain(events, consents.get(principal) ?? [], texts)
      if (found) findings.add({ reader: principal, ...found })
      consents.delete(principal)
      seen.readers += 1
    }
    for (const reader of consents.keys()) findings.add({ reader, what: 'has consents and no events' })
    seen.events += page.events.length
    onProgress(seen.events)
    after = page.next
  }
  return seen
}

async function readPage(tx: EntityManager, after: string): Promise<Page> {
  const columns = columnsOf(tx)
  const events = await select<ConsentEvent>(
    tx,
    `SELECT ${columns} FROM consent_event WHERE principal > ? ORDER BY principal, position LIMIT ${ROWS_AT_ONCE}`,
    [after],
  )
  const last = events.length < ROWS_AT_ONCE ? undefined : events.at(-1)
  const rest = last
    ? await select<ConsentEvent>(
        tx,
        `SELECT ${columns} FROM consent_event WHERE principal = ? AND position > ? ORDER BY position`,
        [last.principal, last.position],
      )
    : []
  const consents = await select<Kept>(
    tx,
    `SELECT r.public_id AS principal, c.reader_id AS readerId, c.purpose_id AS purposeId, c.state,
       c.purpose_version_id AS purposeVersionId, c.policy_version_id AS policyVersionId,
       c.policy_number AS policyNumber, c.changed_at AS changedAt, c.given_at AS givenAt, c.ended_at AS endedAt,
       c.expires_at AS expiresAt
     FROM reader r JOIN consent c ON c.reader_id = r.id WHERE r.public_id > ? AND r.public_id <= ?`,
    [after, last?.principal ?? LAST_ID],
  )
  return { events: [...events, ...rest], consents, next: last?.principal }
}

/** Every column but the id, under its property's name. */
const columnsOf = (tx: EntityManager): string =>
  tx.connection
    .getMetadata(ConsentEvent)
    .columns.filter(column => !column.isGenerated)
    .map(column => `\`${column.databaseName}\` AS ${column.propertyName}`)
    .join(', ')

function brokenChain(
  events: readonly ConsentEvent[],
  kept: readonly Kept[],
  texts: Texts,
): { position?: number; what: string } | undefined {
  const consents = new Map<number, Consent>()
  let last: ChainEnd = { position: 0, hash: GENESIS }
  for (const event of events) {
    const before = consents.get(event.purposeId)
    const what = brokenLink(event, last) ?? brokenStep(event, before) ?? texts.problemOf(event)
    if (what) return { position: event.position, what }
    consents.set(event.purposeId, project(0, stepOf(event, texts), before))
    last = event
  }
  return brokenProjection(consents, kept)
}

function brokenLink(event: ConsentEvent, last: ChainEnd): string | undefined {
  if (event.position !== last.position + 1)
    return `comes after event ${last.position}: what was between is missing`
  if (!event.hash.equals(hashOf(event))) return 'was changed: its hash covers something else'
  return event.previousHash.equals(last.hash) ? undefined : 'does not continue the event before it'
}

function brokenStep(event: ConsentEvent, before: Consent | undefined): string | undefined {
  if (event.fromState !== (before?.state ?? 'ConsentUnknown')) return 'starts from a state that was not there'
  try {
    mustBeAllowed({ ...event, proof: proofIn(event) }, before)
    return undefined
  } catch {
    return 'makes consent without a double opt-in'
  }
}

const stepOf = (event: ConsentEvent, texts: Texts) => ({
  ...event,
  proof: proofIn(event),
  policyNumber: texts.policyNumber(event.policyVersionId),
})

const compared = [
  'state',
  'purposeVersionId',
  'policyVersionId',
  'policyNumber',
  'changedAt',
  'givenAt',
  'endedAt',
  'expiresAt',
] as const

const plain = (value: string | number | Date | null) => (value instanceof Date ? value.getTime() : value)

function brokenProjection(
  consents: ReadonlyMap<number, Consent>,
  kept: readonly Kept[],
): { what: string } | undefined {
  for (const [purposeId, expected] of consents) {
    const found = kept.find(one => one.purposeId === purposeId)
    if (!found) return { what: `has no consent for purpose ${purposeId}, which its events tell of` }
    const wrong = compared.filter(name => plain(found[name]) !== plain(expected[name]))
    if (wrong.length > 0)
      return { what: `has another ${wrong.join(', ')} for purpose ${purposeId} than its events add up to` }
  }
  const surplus = kept.find(one => !consents.has(one.purposeId))
  return surplus && { what: `has a consent for purpose ${surplus.purposeId} and no event of it` }
}
