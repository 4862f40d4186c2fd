import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Cluster, Redis } from 'ioredis'
import { type Connections, connect } from '../src/connections'
import { createLog } from '../src/log'
import { createPacer, type Grant, type Pacer } from '../src/mail/rate'
import { RedisAwayError } from '../src/mail/rate-tokens'
import { parseSendLimits } from '../src/mail/send-limits'
import { select, write } from '../src/transaction'
import { until } from './support/checker'
import { logTarget } from './support/leaks'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'

let redisServer: PrivateRedis
let product: Product
/** Two workers: connections of their own to the same Redis and MariaDB. */
let workers: Connections[]
let redis: Redis

beforeAll(async () => {
  redisServer = await createPrivateRedis()
  await redisServer.start()
  product = await startProduct({ worker: false, env: { REDIS_URL: redisServer.url } })
  const { config } = product
  const log = createLog('trace', 'test', logTarget())
  workers = [await connect(config, log), await connect(config, log)]
  redis = product.connections.redis as Redis
})
beforeEach(async () => {
  await redisServer.flush()
  await write(product.connections.db.manager, 'DELETE FROM send_day')
})
afterAll(async () => {
  await Promise.all((workers ?? []).map(worker => worker.close()))
  await product?.stop()
  await redisServer?.stop()
})

const limitsOf = (text: string) =>
  parseSendLimits(text, problem => {
    throw new Error(problem)
  })
const pacersFor = (text: string): Pacer[] =>
  workers.map(worker => createPacer(limitsOf(text), worker.redis, worker.db))
function pacerFor(text: string): Pacer {
  const [pacer] = pacersFor(text)
  if (!pacer) throw new Error('No pacer')
  return pacer
}
const wish = (counts: Record<string, number>) => new Map(Object.entries(counts))
const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0)
const counts = (grant: Grant) => Object.fromEntries(grant.granted)

const redisMicros = async (): Promise<number> => {
  const [seconds, micros] = await redis.time()
  return Number(seconds) * 1_000_000 + Number(micros)
}

/** Creates the buckets of the batch and lets them fill up, by the clock that fills them. */
async function fill(pacer: Pacer, wanted: ReadonlyMap<string, number>): Promise<void> {
  await pacer.take(wanted)
  const full = (await redisMicros()) + 1_100_000
  for (let left = full; left > 0; left = full - (await redisMicros())) await sleep(Math.min(100, left / 1000))
}

interface Taken {
  from: number
  to: number
  /** The same two moments by a clock that nobody sets, in microseconds. */
  steady: { from: number; to: number }
  granted: ReadonlyMap<string, number>
}

async function recorded(pacer: Pacer, wanted: ReadonlyMap<string, number>): Promise<Taken> {
  const steadyFrom = performance.now() * 1000
  const from = await redisMicros()
  const { granted } = await pacer.take(wanted)
  const to = await redisMicros()
  return { from, to, steady: { from: steadyFrom, to: performance.now() * 1000 }, granted }
}

/**
 * The most that any window lets pass beyond its rate × time; the moment of a grant is known to its round trip. A machine
 * may set its clock meanwhile: what then passed is the most that the clock showed or, where it was set back, what truly
 * passed.
 */
function worstExcess(takes: readonly Taken[], perSecond: number, count: (taken: Taken) => number): number {
  const inOrder = [...takes].sort((a, b) => a.steady.to - b.steady.to)
  let worst = Number.NEGATIVE_INFINITY
  for (const last of inOrder)
    for (const first of inOrder) {
      const inside = inOrder.filter(
        ({ steady }) => steady.from >= first.steady.from && steady.to <= last.steady.to,
      )
      if (inside.length === 0) continue
      const shown = Math.max(...inside.map(one => one.to)) - Math.min(...inside.map(one => one.from))
      const passed = Math.max(shown, last.steady.to - first.steady.from)
      const seconds = passed / 1_000_000
      worst = Math.max(worst, inside.reduce((total, one) => total + count(one), 0) - perSecond * seconds)
    }
  return worst
}

async function usedToday(bucket: string): Promise<number> {
  const { manager } = product.connections.db
  const [row] = await select<{ used: number }>(
    manager,
    'SELECT used FROM send_day WHERE day = UTC_DATE() AND bucket = ?',
    [bucket],
  )
  return row?.used ?? 0
}

test('without limits everything may go, also while Redis is away', async () => {
  const pacer = pacerFor('')
  await redisServer.stop()
  try {
    const grant = await pacer.take(wish({ 'a.example': 300, 'b.example': 700_000 }))
    expect(counts(grant)).toEqual({ 'a.example': 300, 'b.example': 700_000 })
    expect(grant.waitMs).toBe(0)
    await pacer.giveBack(grant, wish({ 'a.example': 300 }))
  } finally {
    await redisServer.start()
    await until(() => workers.every(worker => worker.redis.status === 'ready'), 'Redis is back')
  }
})

test('a bucket that is missing starts empty and says when its first token comes', async () => {
  const pacer = pacerFor('a.example=5/s; b.example=30/m; c.example=2/h')
  for (const [domain, waitMs] of [
    ['a.example', 200],
    ['b.example', 2000],
    ['c.example', 1_800_000],
  ] as const) {
    const grant = await pacer.take(wish({ [domain]: 10 }))
    expect(counts(grant)).toEqual({ [domain]: 0 })
    expect(grant.waitMs).toBe(waitMs)
  }
  await sleep(200)
  expect(counts(await pacer.take(wish({ 'a.example': 10 })))).toEqual({ 'a.example': 1 })
})

test('a bucket holds one second of its rate, and at least one message', async () => {
  const pacer = pacerFor('a.example=20/s; b.example=600/m; c.example=59/m')
  const wanted = wish({ 'a.example': 100, 'b.example': 100, 'c.example': 100 })
  await fill(pacer, wanted)
  await sleep(1000)
  expect(counts(await pacer.take(wanted))).toEqual({ 'a.example': 20, 'b.example': 10, 'c.example': 1 })
})

test('Redis emptied gives no burst: not one message more than before', async () => {
  const pacer = pacerFor('sender=50/s')
  const wanted = wish({ 'a.example': 1000 })
  await fill(pacer, wanted)
  expect(sum((await pacer.take(wanted)).granted)).toBe(50)
  await redisServer.flush()
  expect(sum((await pacer.take(wanted)).granted)).toBe(0)
  await redisServer.stop()
  await redisServer.start()
  await until(() => workers.every(worker => worker.redis.status === 'ready'), 'Redis is back')
  await until(() => redis.status === 'ready', 'Redis is back')
  expect(sum((await pacer.take(wanted)).granted)).toBe(0)
})

test('what stands in Redis and is not a bucket counts as an empty one', async () => {
  const pacer = pacerFor('a.example=5/s; b.example=5/s; c.example=5/s')
  await redis.set('{weinterrupt-rate}:a.example', 'nonsense')
  await redis.lpush('{weinterrupt-rate}:b.example', '1')
  await redis.set('{weinterrupt-rate}:c.example', `${'9'.repeat(30)} 0`)
  const wanted = wish({ 'a.example': 9, 'b.example': 9, 'c.example': 9 })
  // A forged level is worth at most the second that a bucket holds.
  expect(counts(await pacer.take(wanted))).toEqual({ 'a.example': 0, 'b.example': 0, 'c.example': 5 })
})

test('several takers never get more than rate × time plus one second, in any window, Redis emptied or not', async () => {
  const domains = ['a.example', 'b.example', 'c.example', 'd.example']
  const schedule = fc.record({
    sender: fc.integer({ min: 20, max: 400 }),
    group: fc.integer({ min: 5, max: 200 }),
    other: fc.integer({ min: 3, max: 100 }),
    flushAt: fc.option(fc.integer({ min: 100, max: 900 })),
    takers: fc.array(
      fc.array(
        fc.record({
          pauseMs: fc.integer({ min: 0, max: 120 }),
          wanted: fc.array(fc.nat({ max: 80 }), { minLength: 4, maxLength: 4 }),
        }),
        { minLength: 6, maxLength: 12 },
      ),
      { minLength: 4, maxLength: 4 },
    ),
  })
  await fc.assert(
    fc.asyncProperty(schedule, async ({ sender, group, other, flushAt, takers }) => {
      await redisServer.flush()
      const pacers = pacersFor(`sender=${sender}/s; a.example,b.example=${group}/s; *=${other}/s`)
      const flushing = flushAt === null ? undefined : sleep(flushAt).then(() => redisServer.flush())
      const takes = await Promise.all(
        takers.map(async (steps, index) => {
          const mine: Taken[] = []
          for (const { pauseMs, wanted } of steps) {
            await sleep(pauseMs)
            const batch = new Map(domains.map((domain, at) => [domain, wanted[at] ?? 0]))
            const pacer = pacers[index % pacers.length]
            if (!pacer) throw new Error('No pacer')
            const taken = await recorded(pacer, batch)
            for (const [domain, count] of taken.granted)
              expect(count).toBeLessThanOrEqual(batch.get(domain) ?? 0)
            mine.push(taken)
          }
          return mine
        }),
      )
      await flushing
      const all = takes.flat()
      const of =
        (...names: string[]) =>
        ({ granted }: Taken) =>
          names.reduce((total, name) => total + (granted.get(name) ?? 0), 0)
      expect(worstExcess(all, sender, of(...domains))).toBeLessThanOrEqual(sender)
      expect(worstExcess(all, group, of('a.example', 'b.example'))).toBeLessThanOrEqual(group)
      expect(worstExcess(all, other, of('c.example'))).toBeLessThanOrEqual(other)
      expect(worstExcess(all, other, of('d.example'))).toBeLessThanOrEqual(other)
    }),
    // Each run lasts as long as its takers wait.
    { numRuns: 8, interruptAfterTimeLimit: 40_000 },
  )
}, 120_000)

test('takers that wait as they are told get the whole rate', async () => {
  const pacers = pacersFor('sender=100/s; a.example=80/s; *=40/s')
  const wanted = wish({ 'a.example': 500, 'b.example': 500 })
  await fill(pacerFor('sender=100/s; a.example=80/s; *=40/s'), wanted)
  const start = await redisMicros()
  let [total, last, passed] = [0, 0, 0]
  await Promise.all(
    pacers.map(async pacer => {
      while (passed < 2_000_000) {
        const asked = (await redisMicros()) - start
        const { granted, waitMs } = await pacer.take(wanted)
        passed = (await redisMicros()) - start
        total += sum(granted)
        last = Math.max(last, asked)
        expect(waitMs).toBeGreaterThan(0)
        await sleep(waitMs)
      }
    }),
  )
  expect(last).toBeGreaterThan(1_000_000)
  expect(total).toBeLessThanOrEqual(100 * (passed / 1_000_000) + 100)
  // Whatever had come when they asked for the last time, up to a token for each bucket, they have.
  expect(total).toBeGreaterThanOrEqual(100 * (last / 1_000_000) + 100 - 10)
})

test('a clock set back gives nothing twice: a bucket waits until it is what it was', async () => {
  const pacer = pacerFor('a.example=30/m; b.example=30/m')
  const now = await redisMicros()
  await redis.set('{weinterrupt-rate}:a.example', `0 ${now + 1_900_000}`)
  await redis.set('{weinterrupt-rate}:b.example', `0 ${now + 3_600_000_000}`)
  for (const pauseMs of [0, 100]) {
    await sleep(pauseMs)
    const { granted, waitMs } = await pacer.take(wish({ 'a.example': 9 }))
    expect(sum(granted)).toBe(0)
    expect(waitMs).toBeGreaterThan(2000)
    expect(waitMs).toBeLessThanOrEqual(3900 - pauseMs + 1)
  }
  // Further back than a bucket takes to fill: it goes on from the time as it is now.
  expect((await pacer.take(wish({ 'b.example': 9 }))).waitMs).toBe(2000)
})

test("a sender's limit is shared by all groups, and none of them starves the others", async () => {
  const pacer = pacerFor('sender=12/s; big.example=1000/s')
  const wanted = wish({ 'big.example': 100_000, 'a.example': 2, 'b.example': 9, 'c.example': 9 })
  await fill(pacer, wanted)
  const first = counts(await pacer.take(wanted))
  expect(sum(wish(first))).toBe(12)
  expect(first['a.example']).toBe(2)
  for (const domain of ['big.example', 'b.example', 'c.example']) {
    expect(first[domain]).toBeGreaterThanOrEqual(3)
    expect(first[domain]).toBeLessThanOrEqual(4)
  }
})

test('where the sender has fewer tokens than there are groups, each group gets its turn', async () => {
  const pacer = pacerFor('sender=100/s')
  const wanted = wish(
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`d${n}.example`, 1000 ** (n % 3)])),
  )
  const got = new Map<string, number>()
  await pacer.take(wanted)
  for (let n = 0; n < 150; n++) {
    await sleep(10)
    for (const [domain, count] of (await pacer.take(wanted)).granted)
      got.set(domain, (got.get(domain) ?? 0) + count)
  }
  expect([...got.values()].every(count => count > 0)).toBe(true)
})

test('the domains of a group share its bucket, every other domain has one of its own', async () => {
  const pacer = pacerFor('gmail.com,googlemail.com=10/s; *=4/s')
  const wanted = wish({ 'gmail.com': 50, 'googlemail.com': 50, 'a.example': 50, 'b.example': 50 })
  await fill(pacer, wanted)
  expect(counts(await pacer.take(wanted))).toEqual({
    'gmail.com': 5,
    'googlemail.com': 5,
    'a.example': 4,
    'b.example': 4,
  })
})

test('the numbers of a million recipients at a million a second stay exact', async () => {
  const pacer = pacerFor('sender=1000000/s; a.example=999999/s; b.example=3600000000/h')
  const wanted = wish({ 'a.example': 1_000_000, 'b.example': 1_000_000 })
  await fill(pacer, wanted)
  const both = await pacer.take(wanted)
  expect(counts(both)).toEqual({ 'a.example': 500_000, 'b.example': 500_000 })
  const before = await redis.mget(...['sender', 'a.example'].map(name => `{weinterrupt-rate}:${name}`))
  const [senderLevel, senderAt] = String(before[0]).split(' ').map(BigInt)
  const [groupLevel, groupAt] = String(before[1]).split(' ').map(BigInt)
  expect(senderLevel).toBe(0n)
  expect(groupLevel).toBe(499_999n * 3_600_000_000n)
  // One microsecond at a million a second is one token, to the last unit.
  const { granted } = await pacer.take(wish({ 'a.example': 1_000_000 }))
  const after = await redis.mget(...['sender', 'a.example'].map(name => `{weinterrupt-rate}:${name}`))
  const [senderThen, senderThenAt] = String(after[0]).split(' ').map(BigInt)
  const [groupThen, groupThenAt] = String(after[1]).split(' ').map(BigInt)
  const got = BigInt(granted.get('a.example') ?? 0)
  expect(senderThen).toBe(((senderThenAt ?? 0n) - (senderAt ?? 0n) - got) * 3_600_000_000n)
  const gain = ((groupThenAt ?? 0n) - (groupAt ?? 0n)) * 999_999n * 3600n
  expect(groupThen).toBe((groupLevel ?? 0n) + gain - got * 3_600_000_000n)
})

test('buckets name domains at most, and expire', async () => {
  const pacer = pacerFor('sender=20/s; gmail.com,googlemail.com=5/h; *=2/s')
  await pacer.take(wish({ 'googlemail.com': 1, 'a.example': 1 }))
  const keys = await redis.keys('*rate*')
  expect(keys.sort()).toEqual(['a.example', 'gmail.com', 'sender'].map(name => `{weinterrupt-rate}:${name}`))
  for (const key of keys) {
    expect(await redis.pttl(key)).toBeGreaterThan(key.includes('gmail') ? 720_000 : 60_000)
    expect(await redis.pttl(key)).toBeLessThan(800_000)
  }
})

test('a cluster takes the call: all its keys lie in one slot', async () => {
  const nodes = `nodes-${process.pid}-${Date.now()}.conf`
  const server = await createPrivateRedis([
    ...['--cluster-enabled', 'yes', '--cluster-config-file', nodes],
    ...['--cluster-announce-ip', '127.0.0.1'],
  ])
  await server.start()
  const single = new Redis(server.url)
  const cluster = new Cluster([server.url], { lazyConnect: true })
  try {
    await single.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    const info = async () => String(await single.call('CLUSTER', 'INFO'))
    await until(async () => (await info()).includes('cluster_state:ok'), 'the cluster is up')
    await cluster.connect()
    const pacer = createPacer(limitsOf('sender=9/s; gmail.com=5/s; *=2/s'), cluster, product.connections.db)
    const wanted = wish({ 'gmail.com': 50, 'a.example': 50, 'b.example': 50, 'c.example': 50 })
    await fill(pacer, wanted)
    expect(sum((await pacer.take(wanted)).granted)).toBe(9)
    const keys = await single.keys('*')
    const slots = await Promise.all(keys.map(key => single.call('CLUSTER', 'KEYSLOT', key)))
    expect(keys).toHaveLength(5)
    expect(new Set(slots).size).toBe(1)
  } finally {
    cluster.disconnect()
    single.disconnect()
    await server.stop()
    rmSync(join('/tmp', nodes), { force: true })
  }
})

test('a batch is one call to Redis, whatever the number of groups', async () => {
  const pacer = pacerFor('sender=20/s; *=2/s')
  const wanted = wish(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`d${n}.example`, 10])))
  await pacer.take(wanted)
  const calls = async () =>
    [...(await redis.info('commandstats')).matchAll(/cmdstat_(eval\w*):calls=(\d+)/g)].reduce(
      (total, [, , count]) => total + Number(count),
      0,
    )
  const before = await calls()
  await pacer.take(wanted)
  expect(await calls()).toBe(before + 1)
})

test('with Redis away or silent nothing is granted, and the caller knows within about a second', async () => {
  const pacer = pacerFor('sender=20/s,1000/d')
  const wanted = wish({ 'a.example': 10 })
  await fill(pacer, wanted)
  const failsFast = async () => {
    const start = Date.now()
    await expect(pacer.take(wanted)).rejects.toThrow(RedisAwayError)
    expect(Date.now() - start).toBeLessThan(1500)
  }
  await redis.call('CLIENT', 'PAUSE', '2500', 'ALL')
  await failsFast()
  await sleep(2000)
  expect((await pacer.take(wanted)).waitMs).toBeGreaterThanOrEqual(0)
  await redisServer.stop()
  try {
    await failsFast()
  } finally {
    await redisServer.start()
    await until(() => workers.every(worker => worker.redis.status === 'ready'), 'Redis is back')
    await until(() => redis.status === 'ready', 'Redis is back')
  }
  expect(await usedToday('sender')).toBeLessThanOrEqual(10)
})

test('a limit per day is exact, whoever takes and gives back at the same time', async () => {
  const step = fc.record({
    wanted: fc.array(fc.nat({ max: 40 }), { minLength: 3, maxLength: 3 }),
    back: fc.array(fc.nat({ max: 60 }), { minLength: 3, maxLength: 3 }),
  })
  const schedule = fc.record({
    sender: fc.integer({ min: 50, max: 400 }),
    group: fc.integer({ min: 10, max: 200 }),
    takers: fc.array(fc.array(step, { minLength: 3, maxLength: 8 }), { minLength: 4, maxLength: 4 }),
  })
  const domains = ['a.example', 'b.example', 'c.example']
  const byName = (numbers: readonly number[]) =>
    new Map(domains.map((domain, at) => [domain, numbers[at] ?? 0]))
  await fc.assert(
    fc.asyncProperty(schedule, async ({ sender, group, takers }) => {
      const text = `sender=100000/s,${sender}/d; a.example,b.example=100000/s,${group}/d`
      const pacers = pacersFor(text)
      await pacers[0]?.take(byName([1, 1, 1]))
      await sleep(20)
      await write(product.connections.db.manager, 'DELETE FROM send_day')
      const sent = new Map<string, number>()
      const total = (...names: string[]) => names.reduce((all, name) => all + (sent.get(name) ?? 0), 0)
      const count = (
        granted: ReadonlyMap<string, number>,
        change: (domain: string, taken: number) => number,
      ) => {
        for (const [domain, taken] of granted)
          sent.set(domain, (sent.get(domain) ?? 0) + change(domain, taken))
      }
      const run = async (pacer: Pacer, steps: (typeof takers)[number]) => {
        for (const { wanted, back } of steps) {
          const grant = await pacer.take(byName(wanted))
          count(grant.granted, (_domain, taken) => taken)
          expect(total('a.example', 'b.example')).toBeLessThanOrEqual(group)
          expect(total(...domains)).toBeLessThanOrEqual(sender)
          // Sometimes more than was taken: only what was taken comes back.
          const unused = byName(back)
          count(grant.granted, (domain, taken) => -Math.min(taken, unused.get(domain) ?? 0))
          await pacer.giveBack(grant, unused)
        }
      }
      await Promise.all(takers.map((steps, index) => run(pacers[index % pacers.length] as Pacer, steps)))
      expect(await usedToday('sender')).toBe(total(...domains))
      expect(await usedToday('a.example')).toBe(total('a.example', 'b.example'))
    }),
    { numRuns: 15 },
  )
})

test('takers together use up a limit per day to the last message, also when Redis forgets and workers start again', async () => {
  const text = 'a.example=100000/s,500/d'
  let total = 0
  for (let round = 0; round < 4; round++) {
    const pacers = [...pacersFor(text), ...pacersFor(text)]
    await redisServer.flush()
    await pacers[0]?.take(wish({ 'a.example': 1 }))
    await sleep(100)
    const grants = await Promise.all(pacers.map(pacer => pacer.take(wish({ 'a.example': 60 }))))
    total += grants.reduce((all, { granted }) => all + sum(granted), 0)
  }
  expect(total).toBe(500)
  const last = await pacerFor(text).take(wish({ 'a.example': 5, 'b.example': 5 }))
  expect(counts(last)).toEqual({ 'a.example': 0, 'b.example': 5 })
  expect(last.waitMs).toBeGreaterThan(0)
  expect(last.waitMs).toBeLessThanOrEqual(3_600_000)
})

test('a worker that dies after taking under-uses the day, and nothing can be given back twice or invented', async () => {
  const pacer = pacerFor('sender=100000/s,100/d; a.example=100000/s,80/d')
  await fill(pacer, wish({ 'a.example': 1 }))
  await write(product.connections.db.manager, 'DELETE FROM send_day')
  const grant = await pacer.take(wish({ 'a.example': 60, 'b.example': 10 }))
  expect(sum(grant.granted)).toBe(70)
  await pacer.giveBack(grant, wish({ 'a.example': 100, 'c.example': 50 }))
  await pacer.giveBack(grant, wish({ 'a.example': 100 }))
  expect(await usedToday('sender')).toBe(10)
  expect(await usedToday('a.example')).toBe(0)
  // This one is never given back: its process is gone.
  await pacer.take(wish({ 'a.example': 60 }))
  expect(counts(await pacerFor('sender=100000/s,100/d').take(wish({ 'a.example': 60 })))).toEqual({
    'a.example': 30,
  })
})

test('what was counted yesterday neither counts nor is given back today', async () => {
  const { manager } = product.connections.db
  const pacer = pacerFor('a.example=100000/s,50/d')
  await fill(pacer, wish({ 'a.example': 1 }))
  await write(manager, 'DELETE FROM send_day')
  const yesterday = await pacer.take(wish({ 'a.example': 50 }))
  expect(counts(await pacer.take(wish({ 'a.example': 1 })))).toEqual({ 'a.example': 0 })
  await write(manager, 'UPDATE send_day SET day = day - INTERVAL 1 DAY')
  const { reserved } = yesterday
  if (!reserved) throw new Error('Nothing reserved')
  reserved.day = new Date(Date.parse(reserved.day) - 86_400_000).toISOString().slice(0, 10)
  expect(counts(await pacer.take(wish({ 'a.example': 50 })))).toEqual({ 'a.example': 50 })
  await pacer.giveBack(yesterday, wish({ 'a.example': 50 }))
  expect(await usedToday('a.example')).toBe(50)
})

test('counters of more than a month ago are removed', async () => {
  const { manager } = product.connections.db
  const add = (days: number) =>
    write(manager, "INSERT INTO send_day VALUES (UTC_DATE() - INTERVAL ? DAY, 'a.example', 1)", [days])
  for (const days of [20, 31, 32, 400]) await add(days)
  await pacerFor('sender=5/s,10/d').take(wish({ 'a.example': 1 }))
  const rows = await select<{ age: number }>(
    manager,
    'SELECT DATEDIFF(UTC_DATE(), day) AS age FROM send_day ORDER BY day DESC',
  )
  expect(rows.map(({ age }) => age)).toEqual([20, 31])
})
