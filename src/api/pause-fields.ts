import { DateTime } from 'luxon'

const STEPS = { '2w': { weeks: 2 }, '1m': { months: 1 }, '3m': { months: 3 } } as const

/** Until when the form of a page wants to pause: a time from now, or the beginning of a day; undefined: neither. */
export function pauseEnd(fields: Pick<URLSearchParams, 'get'>, timeZone: string | null): Date | undefined {
  const wanted = fields.get('for') ?? ''
  if (Object.hasOwn(STEPS, wanted))
    return DateTime.utc()
      .plus(STEPS[wanted as keyof typeof STEPS])
      .toJSDate()
  const day = DateTime.fromFormat((fields.get('until') ?? '').slice(0, 20), 'yyyy-MM-dd', {
    zone: timeZone ?? 'utc',
  })
  return wanted === 'date' && day.isValid ? day.toJSDate() : undefined
}
