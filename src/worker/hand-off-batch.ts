// The rows of one claim: refuse what is refused already, let the rest go as fast as rates and quiet hours allow.
import { setTimeout as sleep } from 'node:timers/promises'
import { skipReasonSql } from '../consent/skip-reason'
import type { Claim } from '../deliveries/claim'
import { postpone, postponeBy } from '../deliveries/postpone'
import { skipRefused } from '../deliveries/skip-refused'
import { quietUntil } from '../mail/quiet-hours'
import type { Grant } from '../mail/rate'
import { databaseTime, transaction } from '../transaction'
import type { Next, Sending } from './conclude'
import { handOffDelivery } from './hand-off-delivery'
import type { DeliveryRow } from './load-deliveries'
import type { Turns } from './turns'
import { UnderWay } from './under-way'

/** What one worker has under way of a newsletter. */
export interface Delivering extends Sending {
  /** As many messages as keep every connection busy, one waiting behind each. */
  turns: Turns
  /** Nothing more can go now. */
  isHalted: boolean
  /** Told each time: what is under way ends by itself, and the newsletter may be taken up anew meanwhile. */
  onHalt(): void
  /** Whether the newsletter may be sent now, by its row and the site's. */
  mayGoOn(): Promise<boolean>
}

type ClaimOf = (row: DeliveryRow) => Claim

/** For longer than this a claim is not kept waiting: other readers of the newsletter may go meanwhile. */
const LONG_MS = 2_000

/**
 * Resolves when the last message has ended; after a halt or SIGTERM only what is under way ends. Answers after how many
 * milliseconds what had to wait for its rate should be claimed again; 0 if nothing had to.
 */
export async function handOffBatch(
  delivering: Delivering,
  rows: readonly DeliveryRow[],
  claimOf: ClaimOf,
): Promise<number> {
  const { context, mail } = delivering
  const refused = rows.filter(row => row.reason !== null).map(row => row.readerId)
  const { purposeId, newsletter } = mail
  if (refused.length > 0)
    await transaction(context.db, tx => skipRefused(tx, newsletter.id, refused, purposeId, skipReasonSql))
  const open = rows.filter(row => row.reason === null)
  let waiting = await postponeQuiet(delivering, open, claimOf)
  while (waiting.length > 0 && !delivering.isHalted && !context.stopping.aborted) {
    const grant = await context.pacer.take(countDomains(waiting))
    const { now, later } = split(waiting, grant)
    const left = await handOffAll(delivering, now, claimOf)
    if (left.length > 0) await context.pacer.giveBack(grant, countDomains(left))
    if (later.length > 0 && grant.waitMs > LONG_MS) return grant.waitMs
    if (later.length > 0) await sleep(grant.waitMs)
    waiting = later
  }
  return 0
}

/** Readers whose night it is are left to their morning. */
async function postponeQuiet(
  delivering: Delivering,
  rows: readonly DeliveryRow[],
  claimOf: ClaimOf,
): Promise<readonly DeliveryRow[]> {
  const { db, config } = delivering.context
  const { quietHours } = config
  if (!quietHours) return rows
  const now = await databaseTime(db.manager)
  const awake: DeliveryRow[] = []
  for (const row of rows) {
    const until = quietUntil(now, row.timeZone, quietHours)
    if (until) await transaction(db, tx => postpone(tx, claimOf(row), row.readerId, until))
    else awake.push(row)
  }
  return awake
}

function countDomains(rows: readonly DeliveryRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { domain } of rows) counts.set(domain, (counts.get(domain) ?? 0) + 1)
  return counts
}

function split(rows: readonly DeliveryRow[], grant: Grant): { now: DeliveryRow[]; later: DeliveryRow[] } {
  const left = new Map(grant.granted)
  const now: DeliveryRow[] = []
  const later: DeliveryRow[] = []
  for (const row of rows) {
    const free = left.get(row.domain) ?? 0
    left.set(row.domain, free - 1)
    if (free > 0) now.push(row)
    else later.push(row)
  }
  return { now, later }
}

/** How often a halted batch looks whether it may go on, while a silent server still keeps one of its messages. */
const LOOK_MS = 1_000

/** Answers the rows that were not begun, because of a halt. */
async function handOffAll(
  delivering: Delivering,
  rows: readonly DeliveryRow[],
  claimOf: ClaimOf,
): Promise<readonly DeliveryRow[]> {
  const { context, turns } = delivering
  const queue = [...rows]
  const underWay = new UnderWay()
  while (queue.length > 0 || underWay.size > 0) {
    if (queue.length === 0) {
      await underWay.nextEnd()
      continue
    }
    await turns.take()
    if (!context.isRedisThere()) halt(delivering)
    const isHeld = delivering.isHalted && !(await goesOn(delivering, underWay))
    if (isHeld || context.stopping.aborted) {
      turns.giveBack()
      break
    }
    const row = queue.shift() as DeliveryRow
    const one = handOff(delivering, claimOf(row), row).then(next => {
      // Refused only for now: with the rest, should the newsletter go on.
      if (next === 'halt') queue.push(row)
    })
    underWay.add(one.finally(() => turns.giveBack()))
  }
  // The claim is kept until the last has ended, also when one has failed.
  await underWay.allEnded()
  return queue
}

/**
 * After a halt: true if the newsletter may be sent again (resumed, say) before the last message under way has ended.
 * A server may take ten minutes for its answer; the others of the claim do not wait for it.
 */
async function goesOn(delivering: Delivering, underWay: UnderWay): Promise<boolean> {
  const { stopping } = delivering.context
  while (underWay.size > 0 && !stopping.aborted) {
    await Promise.race([underWay.noneLeft(), sleep(LOOK_MS)])
    // Not while the database is away; what is under way is waited for all the same.
    const mayGoOn = await delivering.mayGoOn().catch(() => false)
    if (underWay.size > 0 && mayGoOn) delivering.isHalted = false
    if (!delivering.isHalted) return true
  }
  return false
}

async function handOff(delivering: Delivering, claim: Claim, row: DeliveryRow): Promise<Next> {
  try {
    const silentMs = delivering.silent.silentMs(row.domain)
    if (silentMs > 0) {
      await transaction(delivering.context.db, tx => postponeBy(tx, claim, row.readerId, silentMs))
      return 'go-on'
    }
    const next = await handOffDelivery(delivering, claim, row)
    if (next === 'halt') halt(delivering)
    return next
  } catch (error) {
    halt(delivering)
    throw error
  }
}

function halt(delivering: Delivering): void {
  delivering.isHalted = true
  delivering.onHalt()
}
