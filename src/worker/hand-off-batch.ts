// The rows of one claim: refuse what is refused already, let the rest go as fast as rates and quiet hours allow.
import { setTimeout as sleep } from 'node:timers/promises'
import { skipReasonSql } from '../consent/skip-reason'
import type { Claim } from '../deliveries/claim'
import { postpone } from '../deliveries/postpone'
import { skipRefused } from '../deliveries/skip-refused'
import { quietUntil } from '../mail/quiet-hours'
import type { Grant } from '../mail/rate'
import { transaction } from '../transaction'
import type { Sending } from './conclude'
import { handOffDelivery } from './hand-off-delivery'
import type { DeliveryRow } from './load-deliveries'
import type { Turns } from './turns'

/** What one worker has under way of a newsletter. */
export interface Delivering extends Sending {
  /** As many messages as keep every connection busy, one waiting behind each. */
  turns: Turns
  /** Nothing more can go now. */
  isHalted: boolean
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

const postponed = ({ context }: Delivering, claim: Claim, row: DeliveryRow, until: Date): Promise<void> =>
  transaction(context.db, tx => postpone(tx, claim, row.readerId, until))

/** Readers whose night it is are left to their morning. */
async function postponeQuiet(
  delivering: Delivering,
  rows: readonly DeliveryRow[],
  claimOf: ClaimOf,
): Promise<readonly DeliveryRow[]> {
  const { quietHours } = delivering.context.config
  if (!quietHours) return rows
  const now = new Date()
  const awake: DeliveryRow[] = []
  for (const row of rows) {
    const until = quietUntil(now, row.timeZone, quietHours)
    if (until) await postponed(delivering, claimOf(row), row, until)
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

/** Answers the rows that were not begun, because of a halt. */
async function handOffAll(
  delivering: Delivering,
  rows: readonly DeliveryRow[],
  claimOf: ClaimOf,
): Promise<readonly DeliveryRow[]> {
  const { context, turns } = delivering
  const underWay: Promise<void>[] = []
  for (const row of rows) {
    await turns.take()
    if (delivering.isHalted || context.stopping.aborted) {
      turns.giveBack()
      break
    }
    underWay.push(handOff(delivering, claimOf(row), row).finally(() => turns.giveBack()))
  }
  // The claim is kept until the last has ended, also when one has failed.
  const ended = await Promise.allSettled(underWay)
  const failed = ended.find(one => one.status === 'rejected')
  if (failed) throw failed.reason
  return rows.slice(underWay.length)
}

async function handOff(delivering: Delivering, claim: Claim, row: DeliveryRow): Promise<void> {
  try {
    const silentUntil = delivering.silent.get(row.domain) ?? 0
    if (silentUntil > Date.now()) return await postponed(delivering, claim, row, new Date(silentUntil))
    if ((await handOffDelivery(delivering, claim, row)) === 'halt') delivering.isHalted = true
  } catch (error) {
    delivering.isHalted = true
    throw error
  }
}
