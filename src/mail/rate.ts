// Pacing (DESIGN §5.4, I6): how many messages may go out now, to whom, over all workers and newsletters.
import type { Cluster, Redis } from 'ioredis'
import type { DataSource } from 'typeorm'
import { forgetOldDays, giveBackDay, readToday, reserve, type Today } from './rate-days'
import { byDomain, dayBuckets, dayCounts, dayLeft, groupsOf, sizeOf, withinDay } from './rate-groups'
import { createTokens } from './rate-tokens'
import type { SendLimits } from './send-limits'

export interface Grant {
  /** By address domain, as asked for; 0 where nothing may go now. */
  granted: ReadonlyMap<string, number>
  /** When asking for the rest makes sense; 0 when all was granted, at most an hour. */
  waitMs: number
  /** Where a limit per day applies: the UTC day it was counted on, and what can still be given back, by domain. */
  reserved: { day: string; left: Map<string, number> } | undefined
}

export interface Pacer {
  /**
   * Takes what may go out of a whole batch: asks Redis once, and MariaDB where limits per day apply (a read, then one
   * transaction). Where no limit applies it asks neither. A limit per day counts when taken, by the database's UTC day.
   * Throws RedisAwayError when Redis does not answer within a second: then nothing was granted.
   */
  take(wanted: ReadonlyMap<string, number>): Promise<Grant>
  /**
   * What of this grant did not go out, by address domain (4xx before the message, halted): returned to the limits per
   * day of the day it was counted on, never more than was taken. Tokens are not returned.
   */
  giveBack(grant: Grant, unused: ReadonlyMap<string, number>): Promise<void>
}

const LONGEST_WAIT_MS = 3_600_000
/** Of a batch to which no limit per day applies. */
const UNCOUNTED: Today = { day: '', endsInMs: 0, used: new Map() }

/** A pacer for one process; the processes share their limits through Redis and MariaDB. */
export function createPacer(limits: SendLimits, redis: Redis | Cluster, db: DataSource): Pacer {
  const takeTokens = createTokens(redis)
  const readDay = createDayReader(db)
  return {
    async take(wanted) {
      const groups = groupsOf(limits, wanted)
      const wants = groups.map(sizeOf)
      const buckets = dayBuckets(limits, groups)
      const { day, endsInMs, used } = buckets.length > 0 ? await readDay(buckets) : UNCOUNTED
      const open = withinDay(limits, groups, wants, used)
      const tokens = await takeTokens(
        limits.sender,
        groups.map(({ bucket }, index) => ({ bucket, count: open[index] ?? 0 })),
      )
      let { granted } = tokens
      let usedNow = used
      if (buckets.length > 0 && granted.some(count => count > 0))
        usedNow = await reserve(db, day, buckets, locked => {
          granted = withinDay(limits, groups, tokens.granted, locked)
          return dayCounts(limits, groups, granted)
        })
      const result = byDomain(groups, granted)
      const unmet = groups.filter((_group, index) => (granted[index] ?? 0) < (wants[index] ?? 0))
      const isDayOver = unmet.every(
        ({ bucket }) => Math.min(dayLeft(bucket, usedNow), dayLeft(limits.sender, usedNow)) === 0,
      )
      const waitMs = unmet.length === 0 ? 0 : Math.max(1, isDayOver ? endsInMs : tokens.waitMs)
      return {
        granted: result,
        waitMs: Math.min(waitMs, LONGEST_WAIT_MS),
        reserved: buckets.length > 0 ? { day, left: new Map(result) } : undefined,
      }
    },
    async giveBack({ reserved }, unused) {
      if (!reserved) return
      const groups = groupsOf(limits, takeOut(reserved.left, unused))
      const counts = dayCounts(limits, groups, groups.map(sizeOf))
      if (counts.size > 0) await giveBackDay(db, reserved.day, counts)
    },
  }
}

/** Reads the day's counters; the first time on a day it also removes those of long ago. */
function createDayReader(db: DataSource): (buckets: readonly string[]) => Promise<Today> {
  let cleanedOn: string | undefined
  return async buckets => {
    const today = await readToday(db, buckets)
    if (cleanedOn !== today.day) await forgetOldDays(db)
    cleanedOn = today.day
    return today
  }
}

/** Lowers what is left by what is unused and answers by how much: no message is given back twice. */
function takeOut(left: Map<string, number>, unused: ReadonlyMap<string, number>): Map<string, number> {
  const out = new Map<string, number>()
  for (const [domain, count] of unused) {
    const there = left.get(domain) ?? 0
    const taken = Math.max(0, Math.min(count, there))
    left.set(domain, there - taken)
    out.set(domain, taken)
  }
  return out
}
