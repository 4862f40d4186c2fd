import fc from 'fast-check'
import { StatCell, StatMetric } from '../src/entities/stat-cell'
import { countVisitor } from '../src/privacy/count-visitor'
import { MINIMUM_GROUP, published } from '../src/privacy/publish-counts'
import { type Interval, pointsOf } from '../src/privacy/statistics'
import { write } from '../src/transaction'
import { makeStaff, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { dumpDatabase } from './support/dump'
import { plantRow } from './support/plant-row'
import { type Product, startProduct } from './support/product'
import { makeCookiePurpose, visit } from './support/visiting'

const RUNS = 10_000

let product: Product
let admin: Staff
let yes: string

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'visits')
  await makeCookiePurpose(product, admin, 'ADVERTISING_COOKIES', 'ads')
  yes = await choose({ act: 'accept', 'shown:visits': '1', 'shown:ads': '1' })
})
afterAll(() => product?.stop())

async function choose(form: Record<string, string>): Promise<string> {
  const { cookies } = await visit(product, '/cookies', { form, headers: { 'sec-fetch-site': 'same-origin' } })
  return cookies[0]?.split(';')[0] ?? ''
}

const cells = () => product.connections.db.manager.find(StatCell, { order: { metric: 'ASC', label: 'ASC' } })
const clear = async () => {
  const { db, redis } = product.connections
  await write(db.manager, 'DELETE FROM stat_cell')
  for (const key of await redis.keys('stat:*')) await redis.del(key)
}
afterEach(clear)

const beacon = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${product.url}/b`, {
    method: 'POST',
    headers: { cookie: yes, 'sec-fetch-site': 'same-origin', 'user-agent': 'A', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }).then(({ status }) => status)

describe('what is published', () => {
  const PLACES = ['/a', '/b', '/c']
  const dayOf = (n: number) => new Date(Date.UTC(2026, 0, 28 + n)).toISOString().slice(0, 10)
  const day = fc.nat(9).map(dayOf)

  /** The people of one metric, by day and place: two weeks, two months. A cell without people is not in the table. */
  const table = fc.dictionary(
    fc.tuple(day, fc.constantFrom(...PLACES)).map(cell => cell.join()),
    fc.oneof(fc.nat(12), fc.nat(60)),
    { maxKeys: 12 },
  )
  type Table = Record<string, number>

  interface Question {
    from: string
    to: string
    interval: Interval
    place: string | undefined
    /** Asked on that day: nothing of it or later is answered. */
    on: string
  }
  const question: fc.Arbitrary<Question> = fc.record({
    from: day,
    to: day,
    interval: fc.constantFrom<Interval>('DAY', 'WEEK', 'MONTH'),
    place: fc.constantFrom(undefined, ...PLACES),
    on: day,
  })

  /** What the report says to it: its rows as the query finds them. */
  function answer(cells: Table, { from, to, interval, place, on }: Question) {
    const last = to < on ? to : dayOf((Date.parse(on) - Date.UTC(2026, 0, 29)) / 86_400_000)
    const rows = Object.entries(cells)
      .map(([key, people]) => ({ day: key.split(',')[0] ?? '', label: key.split(',')[1] ?? '', people }))
      .filter(row => row.people > 0 && row.day >= from && row.day <= last)
      .filter(({ label }) => place === undefined || label === place)
    return pointsOf(rows, { from, to: last, interval })
  }

  test('is the same whatever the cells of fewer than ten people hold: no set of reports can be subtracted to learn of one', () => {
    fc.assert(
      fc.property(
        table,
        fc.array(fc.nat(MINIMUM_GROUP - 1), { minLength: 12, maxLength: 12 }),
        fc.array(question, { minLength: 1, maxLength: 6 }),
        (cells, others, questions) => {
          const other = Object.entries(cells).map(([key, people], at): [string, number] => [
            key,
            people < MINIMUM_GROUP ? (others[at] ?? 0) : people,
          ])
          const all = (asked: Table) => JSON.stringify(questions.map(one => answer(asked, one)))
          return all(Object.fromEntries(other)) === all(cells)
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('never has a total next to its parts: of what is told, every larger figure is the sum of the smaller, and nothing more', () => {
    fc.assert(
      fc.property(table, question, (cells, whole) => {
        const total = answer(cells, whole).reduce((sum, { count }) => sum + (count ?? 0), 0)
        const parts = (whole.place === undefined ? PLACES : [whole.place])
          .flatMap(place => answer(cells, { ...whole, place, interval: 'DAY' }))
          .reduce((sum, { count }) => sum + (count ?? 0), 0)
        return total === parts
      }),
      { numRuns: RUNS },
    )
  })

  test('is never below ten, always in fives, and one person more or less is seen in no more than one step', () => {
    fc.assert(
      fc.property(fc.nat(100_000), people => {
        const count = published(people)
        if (count === null) return people < MINIMUM_GROUP
        const isRounded = count >= MINIMUM_GROUP && count % 5 === 0 && people - count < 5
        return people >= MINIMUM_GROUP && isRounded && (published(people + 1) ?? 0) - count <= 5
      }),
      { numRuns: RUNS },
    )
  })
})

describe('the beacon', () => {
  test('counts a person once a day in each place, and keeps nothing of them', async () => {
    const view = { metric: 'PAGE_VIEW', path: '/news' }
    for (let times = 0; times < 3; times++) expect(await beacon([view, { metric: 'VISIT' }])).toBe(204)
    expect(await beacon(view, { 'user-agent': 'B' })).toBe(204)
    expect(await beacon({ metric: 'AD_CLICK', placement: 'top' })).toBe(204)

    const day = new Date().toISOString().slice(0, 10)
    expect(await cells()).toEqual([
      { day, metric: 'PAGE_VIEW', label: '/news', people: 2 },
      { day, metric: 'VISIT', label: '', people: 1 },
      { day, metric: 'AD_CLICK', label: 'top', people: 1 },
    ])
    for (const key of await product.connections.redis.keys('stat*')) {
      const life = await product.connections.redis.ttl(key)
      expect([key, life > 0 && life <= 86_400]).toEqual([key, true])
    }
  })

  test('counts nobody without a yes to that kind, or against the browser’s signal, and answers the same', async () => {
    const analytics = await choose({ act: 'accept', 'shown:visits': '1' })
    const no = await choose({ act: 'refuse' })
    for (const headers of [
      { cookie: '' },
      { cookie: no },
      { 'sec-gpc': '1' },
      { origin: 'https://evil.example' },
    ] as Record<string, string>[])
      expect(await beacon({ metric: 'VISIT' }, headers)).toBe(204)
    expect(await beacon({ metric: 'AD_IMPRESSION', placement: 'top' }, { cookie: analytics })).toBe(204)
    expect(await cells()).toEqual([])
  })

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['no event', []],
    [
      'a path with a token of a mail',
      { metric: 'PAGE_VIEW', path: `/c/${'abcdefg234567'.repeat(5).slice(0, 53)}` },
    ],
    ['a path with a number like a telephone\u2019s', { metric: 'PAGE_VIEW', path: '/call/4930123' }],
    ['a placement that numbers somebody', { metric: 'AD_CLICK', placement: '0123456789abcdef' }],
    ['a number', 1],
    ['an unknown metric', { metric: 'OPEN' }],
    ['a click on a link', { metric: 'LINK_CLICK', path: '/x' }],
    ['no path', { metric: 'PAGE_VIEW' }],
    ['a path with a query', { metric: 'PAGE_VIEW', path: '/x?email=a' }],
    ['an address for a path', { metric: 'PAGE_VIEW', path: '/a@b.example' }],
    ['a path of another host', { metric: 'PAGE_VIEW', path: 'https://evil.example' }],
    ['a path without end', { metric: 'PAGE_VIEW', path: `/${'x'.repeat(200)}` }],
    ['a placement in words', { metric: 'AD_CLICK', placement: 'Top banner' }],
    ['too many', Array(21).fill({ metric: 'VISIT' })],
  ])('refuses %s', async (_, body) => {
    expect(await beacon(body)).toBe(400)
    expect(await cells()).toEqual([])
  })

  test('takes POST alone, and no more places a day than there is room for', async () => {
    expect((await visit(product, '/b')).status).toBe(405)
    const day = new Date().toISOString().slice(0, 10)
    for (let n = 0; n < 500; n += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, at) =>
          plantRow(product, 'stat_cell', { day, metric: 'PAGE_VIEW', label: `/${n + at}`, people: 1 }),
        ),
      )
    await beacon([
      { metric: 'PAGE_VIEW', path: '/one-more' },
      { metric: 'PAGE_VIEW', path: '/7' },
    ])
    const all = await cells()
    expect(all).toHaveLength(500)
    expect(all.find(({ label }) => label === '/7')?.people).toBe(2)
  })

  test('adds nothing to a day that is over: two reports of it would differ by one person', async () => {
    const { redis, db } = product.connections
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    await plantRow(product, 'stat_cell', { day, metric: 'VISIT', label: '', people: 9 })
    for (const label of ['', '/new']) {
      const seen = [{ metric: label ? StatMetric.PAGE_VIEW : StatMetric.VISIT, label }]
      await countVisitor(
        { redis, db: db.manager },
        { address: '192.0.2.1', userAgent: 'A' },
        seen,
        new Date(`${day}T23:59:59Z`),
      )
    }
    expect(await cells()).toEqual([{ day, metric: 'VISIT', label: '', people: 9 }])
  })

  test('cannot tell yesterday’s visitors from today’s', async () => {
    const { redis, db } = product.connections
    const person = { address: '192.0.2.1', userAgent: 'A' }
    const seen = [{ metric: StatMetric.VISIT, label: '' }]
    const now = new Date()
    await countVisitor({ redis, db: db.manager }, person, seen, now)
    const [key = ''] = await redis.keys('stat:*')
    const first = await redis.smembers(key)
    await redis.del(key)
    await redis.del(`stat-salt:${now.toISOString().slice(0, 10)}`)
    await countVisitor({ redis, db: db.manager }, person, seen, now)
    expect(await redis.smembers(key)).not.toEqual(first)
  })
})

describe('by the API', () => {
  const RECORD = `mutation ($input: [StatEventInput!]!) { statRecord(input: $input) { accepted userErrors { code field } } }`

  test('a client that keeps its own yes is counted, and one without it not', async () => {
    const visitorToken = yes.split('=')[1]
    for (const input of [[{ metric: 'VISIT', visitorToken }], [{ metric: 'PAGE_VIEW', path: '/app' }]])
      expect((await ok(product, RECORD, { input })).statRecord).toEqual({ accepted: true, userErrors: [] })
    expect((await cells()).map(({ metric }) => metric)).toEqual(['VISIT'])
  })

  test.each<[string, AnyData[], string]>([
    ['nothing', [], 'REQUIRED'],
    ['no path', [{ metric: 'PAGE_VIEW' }], 'INVALID'],
    ['too many', Array(21).fill({ metric: 'VISIT' }), 'TOO_LONG'],
  ])('%s is refused', async (_, input, code) => {
    const before = await dumpDatabase(product)
    expect((await ok(product, RECORD, { input })).statRecord).toMatchObject({
      accepted: false,
      userErrors: [{ code }],
    })
    expect(await dumpDatabase(product)).toEqual(before)
  })
})

describe('the report', () => {
  const STATS = `query ($input: StatsInput!) { stats(input: $input) { label minimumGroup points { at count suppressed } } }`
  const input = (change: AnyData = {}) => ({
    metrics: ['PAGE_VIEW'],
    from: '2026-01-01T00:00:00Z',
    to: '2026-02-28T00:00:00Z',
    interval: 'WEEK',
    ...change,
  })
  const shown = async (change: AnyData = {}) =>
    (await ok(product, STATS, { input: input(change) }, { token: admin.token })).stats[0].points.map(
      ({ at, count, suppressed }: AnyData) => [at.slice(0, 10), count, suppressed],
    )

  const plant = (day: string, label: string, people: number) =>
    plantRow(product, 'stat_cell', { day, metric: 'PAGE_VIEW', label, people })

  test('adds up what is published, hides the rest, and leaves out the day that is not over', async () => {
    await plant('2026-01-05', '/a', 17)
    await plant('2026-01-06', '/a', 9)
    await plant('2026-01-06', '/b', 12)
    await plant('2026-01-14', '/b', 4)
    const today = new Date().toISOString().slice(0, 10)
    await plant(today, '/a', 1000)

    expect(await shown({ from: '2026-01-05T00:00:00Z', to: '2026-01-20T00:00:00Z' })).toEqual([
      ['2026-01-05', 25, false],
      ['2026-01-12', null, true],
      ['2026-01-19', null, true],
    ])
    const days = {
      placement: '/a',
      interval: 'DAY',
      from: '2026-01-05T00:00:00Z',
      to: '2026-01-07T00:00:00Z',
    }
    expect(await shown(days)).toEqual([
      ['2026-01-05', 15, false],
      ['2026-01-06', null, true],
      ['2026-01-07', null, true],
    ])
    expect(await shown({ interval: 'MONTH' })).toEqual([
      ['2026-01-01', 25, false],
      ['2026-02-01', null, true],
    ])
    expect(await shown({ from: `${today}T00:00:00Z`, to: `${today}T00:00:00Z`, interval: 'DAY' })).toEqual([])
  })

  test('is public week by week, with the same figures', async () => {
    const day = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10)
    await plant(day, '/a', 23)
    await plant(day, '/b', 3)
    for (const lang of ['en', 'de']) {
      const { html } = await visit(product, `/statistics?lang=${lang}`)
      const counts = [...html.matchAll(/<dd class="count">([^<]*)<\/dd>/g)].map(([, count]) => count)
      const hidden = lang === 'en' ? 'too few to say' : 'zu wenige, um es zu sagen'
      expect(counts.filter(count => count !== hidden)).toEqual(['20'])
      expect(counts.length).toBeGreaterThanOrEqual(8)
    }
  })

  test.each<[string, AnyData]>([
    ['an end before its beginning', { to: '2025-01-01T00:00:00Z' }],
    ['a century', { from: '1926-01-01T00:00:00Z' }],
    ['hours', { interval: 'HOUR' }],
    ['a metric that is none', { metrics: ['OPEN'] }],
  ])('is refused for %s', async (_, change) => {
    const { errors } = await graphql(product, STATS, { input: input(change) }, { token: admin.token })
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('in full belongs to staff', async () => {
    const { errors } = await graphql(product, STATS, { input: input() }, { staff: true })
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})
