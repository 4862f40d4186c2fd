// Who a newsletter owes an account, worked out from the consent events alone: on purpose not by the product's own SQL.
import type { EntityManager } from 'typeorm'
import { isSendable } from '../consent/proof'
import type { ConsentState } from '../entities/consent'
import { PolicyVersion } from '../entities/policy-version'
import { select } from '../transaction'

interface Event {
  readerId: number
  state: ConsentState
  policyNumber: number
  at: Date
}

const WINDOW_MS = 90 * 86_400_000
const CONSENT_MONTHS = 24

/** The events of one purpose by reader, in the order of their chains. Erased readers are excepted (I2). */
export async function eventsByReader(db: EntityManager, purposeId: number): Promise<Map<number, Event[]>> {
  const events = await select<Event>(
    db,
    `SELECT r.id AS readerId, e.to_state AS state, v.number AS policyNumber, e.at
     FROM consent_event e JOIN reader r ON r.public_id = e.principal
       JOIN policy_version v ON v.id = e.policy_version_id
     WHERE e.purpose_id = ? AND r.erased_at IS NULL ORDER BY r.id, e.position`,
    [purposeId],
  )
  const byReader = new Map<number, Event[]>()
  for (const event of events) byReader.set(event.readerId, [...(byReader.get(event.readerId) ?? []), event])
  return byReader
}

/** Readers whose consent stood at the start, or ended in the 90 days before. */
export function audienceAt(byReader: Map<number, Event[]>, start: Date): Set<number> {
  const belongs = (events: readonly Event[]) => {
    const end = lastStandingEnd(events, start)
    return end !== undefined && end.getTime() > start.getTime() - WINDOW_MS
  }
  return new Set([...byReader].filter(([, events]) => belongs(events)).map(([readerId]) => readerId))
}

/** Whether consent stood at that moment, under a policy that still counts. */
export function stoodAt(events: readonly Event[], moment: Date, materialPolicy: number): boolean {
  const last = events.filter(event => event.at <= moment).at(-1)
  const end = lastStandingEnd(events, moment)
  return (
    end !== undefined &&
    end > moment &&
    isSendable(last?.state) &&
    (last?.policyNumber ?? 0) >= materialPolicy
  )
}

/** The number of the last policy version that made earlier consents wait for a renewal. */
export async function materialPolicyAt(db: EntityManager, moment: Date): Promise<number> {
  const versions = await db.findBy(PolicyVersion, { requiresReconsent: true })
  return Math.max(0, ...versions.filter(one => one.effectiveAt <= moment).map(one => one.number))
}

/** Readers who get nothing whatever they said yes to, in plain look-ups. */
export async function barredReaders(db: EntityManager, moment: Date): Promise<Set<number>> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT id FROM reader WHERE paused_until > ? OR restricted_at IS NOT NULL OR invalid_at IS NOT NULL
     UNION SELECT r.id FROM reader r JOIN suppression s ON s.address_hash = r.address_hash`,
    [moment],
  )
  return new Set(rows.map(row => row.id))
}

/** When the last stretch of standing consent that began by `moment` ended or will end; undefined when there was none. */
function lastStandingEnd(events: readonly Event[], moment: Date): Date | undefined {
  let end: Date | undefined
  let stands = false
  for (const { state, at } of events) {
    if (at > moment) break
    if (isSendable(state)) end = monthsLater(at)
    else if (stands && (!end || at < end)) end = at
    stands = isSendable(state)
  }
  return end
}

function monthsLater(at: Date): Date {
  const later = new Date(at)
  later.setUTCMonth(later.getUTCMonth() + CONSENT_MONTHS)
  return later
}
