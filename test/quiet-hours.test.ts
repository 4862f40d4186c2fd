import fc from 'fast-check'
import { quietUntil } from '../src/mail/quiet-hours'

const NIGHT = { from: 22, to: 7 }
const MINUTE = 60_000

const at = (text: string) => new Date(text)
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The hour a clock in that zone shows, asked of something else than the product asks. */
function hourAt(ms: number, timeZone: string): number {
  const clock =
    clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone })
  clocks.set(timeZone, clock)
  return Number(clock.format(ms))
}

test('a reader is not mailed in the night of their own clock, and may be from its end on', () => {
  expect(quietUntil(at('2026-06-01T19:59:59.999Z'), 'Europe/Berlin', NIGHT)).toBeUndefined()
  expect(quietUntil(at('2026-06-01T20:00:00Z'), 'Europe/Berlin', NIGHT)).toEqual(at('2026-06-02T05:00:00Z'))
  expect(quietUntil(at('2026-06-02T04:59:59.999Z'), 'Europe/Berlin', NIGHT)).toEqual(
    at('2026-06-02T05:00:00Z'),
  )
  expect(quietUntil(at('2026-06-02T05:00:00Z'), 'Europe/Berlin', NIGHT)).toBeUndefined()
  expect(quietUntil(at('2026-06-02T04:59:59Z'), 'America/New_York', NIGHT)).toEqual(
    at('2026-06-02T11:00:00Z'),
  )
})

test('quiet hours may lie within one day', () => {
  const noon = { from: 12, to: 14 }
  expect(quietUntil(at('2026-06-01T11:59:00Z'), 'UTC', noon)).toBeUndefined()
  expect(quietUntil(at('2026-06-01T12:00:00Z'), 'UTC', noon)).toEqual(at('2026-06-01T14:00:00Z'))
})

test.each([null, '', 'Nowhere/Land', 'local', '+99:99', 'x'.repeat(10_000)])(
  'without a time zone that is one, UTC counts (%#)',
  timeZone => {
    expect(quietUntil(at('2026-06-01T21:59:00Z'), timeZone, NIGHT)).toBeUndefined()
    expect(quietUntil(at('2026-06-01T22:00:00Z'), timeZone, NIGHT)).toEqual(at('2026-06-02T07:00:00Z'))
  },
)

test('a night in which the clocks change ends by the clock, not by its length', () => {
  const end = (text: string, quiet = NIGHT) => quietUntil(at(text), 'Europe/Berlin', quiet)?.toISOString()
  expect(end('2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00:00.000Z')
  expect(end('2026-10-24T20:00:00Z')).toBe('2026-10-25T06:00:00.000Z')
  // 02:00 does not exist on the first of these nights, and comes twice in the second.
  expect(end('2026-03-28T23:30:00Z', { from: 22, to: 2 })).toBe('2026-03-29T01:00:00.000Z')
  expect(end('2026-10-24T23:30:00Z', { from: 22, to: 2 })).toBe('2026-10-25T00:00:00.000Z')
  // The only hour that is not quiet is the one that does not exist; the same asked after it was skipped.
  expect(end('2026-03-29T01:00:00Z', { from: 3, to: 2 })).toBe('2026-03-30T00:00:00.000Z')
  expect(end('2026-03-28T23:30:00Z', { from: 3, to: 2 })).toBe('2026-03-30T00:00:00.000Z')
})

test('in every time zone, over every change of its clocks, quiet ends at the first moment outside its hours', () => {
  const zones = [
    ...Intl.supportedValuesOf('timeZone'),
    'Antarctica/Troll',
    'Australia/Lord_Howe',
    'Atlantic/Azores',
    'America/Havana',
    'Africa/Cairo',
    'Asia/Beirut',
  ]
  const start = Date.parse('2020-01-01T00:00:00Z')
  const end = Date.parse('2036-01-01T00:00:00Z')
  /** Within a day of a change of the clocks, where there is one in the half year after a moment. */
  const nearChange = fc
    .tuple(
      fc.constantFrom(...zones),
      fc.integer({ min: start, max: end }),
      fc.integer({ min: -1440, max: 1440 }),
    )
    .map(([zone, ms, minutes]) => {
      const offset = (time: number) => (24 + hourAt(time, zone) - new Date(time).getUTCHours()) % 24
      let time = ms - (ms % (15 * MINUTE))
      const last = time + 200 * 86_400_000
      while (time < last && offset(time) === offset(time + 6 * 3_600_000)) time += 6 * 3_600_000
      return { zone, ms: time + minutes * MINUTE }
    })
  const hour = fc.integer({ min: 0, max: 23 })
  fc.assert(
    fc.property(nearChange, hour, hour, ({ zone, ms }, from, to) => {
      fc.pre(from !== to)
      const isQuiet = (time: number) => {
        const shown = hourAt(time, zone)
        return from < to ? shown >= from && shown < to : shown >= from || shown < to
      }
      let expected = ms
      if (isQuiet(ms)) {
        expected = ms - (ms % (15 * MINUTE)) + 15 * MINUTE
        while (isQuiet(expected)) expected += 15 * MINUTE
      }
      const until = quietUntil(new Date(ms), zone, { from, to })
      expect(until?.getTime() ?? ms).toBe(expected)
      expect(until === undefined).toBe(!isQuiet(ms))
    }),
    { numRuns: 500 },
  )
})
