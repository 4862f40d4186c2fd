// Quiet hours (DESIGN §5.4): a reader's night, in which mail is deferred. Off by default.
import { DateTime, FixedOffsetZone, IANAZone, type Zone } from 'luxon'

export interface QuietHours {
  /** Hours of the day, 0 to 23, never the same: quiet from the one until the other, over midnight where it is less. */
  from: number
  to: number
}

/** Today's clocks are changed at quarter hours. */
const STEP = { minutes: 15 }

/**
 * When the reader's quiet hours end, or undefined when they may be mailed now. It is quiet while the reader's clock
 * shows an hour inside, also when it is put forward or back. Without a time zone, or with one nobody knows, UTC counts.
 */
export function quietUntil(now: Date, timeZone: string | null, quiet: QuietHours): Date | undefined {
  const isQuiet = ({ hour }: DateTime) => isInside(hour, quiet)
  const local = DateTime.fromJSDate(now, { zone: zoneOf(timeZone) })
  if (!isQuiet(local)) return undefined
  const day = local.hour < quiet.to ? local : local.plus({ days: 1 })
  let end = day.set({ hour: quiet.to, minute: 0, second: 0, millisecond: 0 })
  // Where the clock skips the hour that ends the quiet, it ends with the skip, or the next time that hour comes.
  while (isQuiet(end)) end = end.plus(STEP)
  while (end.minus(STEP) > local && !isQuiet(end.minus(STEP))) end = end.minus(STEP)
  return end.toJSDate()
}

const isInside = (hour: number, { from, to }: QuietHours): boolean =>
  from < to ? hour >= from && hour < to : hour >= from || hour < to

function zoneOf(name: string | null): Zone {
  const zone = name === null ? undefined : IANAZone.create(name)
  return zone?.isValid ? zone : FixedOffsetZone.utcInstance
}
