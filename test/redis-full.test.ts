import { Redis } from 'ioredis'
import { expand } from '../src/newsletters/expand'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  REGISTER,
  register,
  registerInput,
  type Staff,
  scheduleNow,
} from './support/actors'
import type { AnyData } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import { type Counts, checkNewsletter, messagesOf, newsletterOf, until, untilStatus } from './support/checker'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy'
import { mailsTo } from './support/mail'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct, sweeps } from './support/product'
import { askFrom } from './support/visitor'
import { endWorkerProcesses, startWorkerProcess, type WorkerProcess } from './support/worker-process'

const READERS = 20
/** Sign-ups whose mail is due and cannot be called for. */
const SIGN_UPS = 8

let redis: PrivateRedis
/** Past the proxy. */
let operator: Redis
let proxy: FaultProxy
let product: Product
let admin: Staff
let topic: AnyData
let readers: KnownReader[]
let left = 0
/** Lives through all of it. */
let worker: WorkerProcess

beforeAll(async () => {
  redis = await createPrivateRedis()
  await redis.start()
  operator = new Redis(redis.url)
  proxy = await startFaultProxy(Number(new URL(redis.url).port))
  product = await startProduct({
    worker: false,
    env: {
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      LEASE_SECONDS: '3',
      SMTP_CONNECTIONS: '2',
      SWEEP_SECONDS: '0.2',
    },
  })
  worker = startWorkerProcess(product, { LOG_LEVEL: 'info' })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  readers = await makeReaders(product, READERS)
})
afterAll(async () => {
  await endWorkerProcesses()
  operator?.disconnect()
  await product?.stop()
  await proxy?.close()
  await redis?.stop()
})

const draft = async (): Promise<string> => (await makeNewsletter(product, admin, topic.id)).id

/** By somebody at this machine, whom no rate limits. */
async function signUp(): Promise<string> {
  const input = await registerInput(product, ['topic:weekly'])
  const { accepted } = await register(product, input)
  if (!accepted) throw new Error('Not accepted')
  return input.email
}

async function visitorSignsUp(): Promise<AnyData> {
  const input = await registerInput(product, ['topic:weekly'])
  const { status, retryAfter, body } = await askFrom(product, '203.0.113.7', REGISTER, { input })
  return { status, retryAfter, accepted: body.data?.readerRegister?.accepted }
}

async function readerLeaves(id: string): Promise<number> {
  const token = await unsubscribeToken(product, id, readers[left++] as KnownReader)
  const body = 'List-Unsubscribe=One-Click'
  return (await fetch(`${product.url}/u/${token}`, { method: 'POST', body })).status
}

const toAll = ({ sent, skipped, unknown }: Counts) => ({ all: sent + skipped, unknown })

const complaintsOf = ({ log }: WorkerProcess): string[] =>
  log()
    .split('\n')
    .filter(line => line !== '' && JSON.parse(line).level >= 40)

/** How often Redis has refused something. */
async function refusals(): Promise<number> {
  const counts = [
    ...(await operator.info('errorstats')).matchAll(/^errorstat_(?:OOM|READONLY):count=(\d+)/gm),
  ]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

interface Story {
  leaving: number
  visitor: AnyData
  slowestMs: number
  /** Of the newsletter that was expanded, and of the one that came due meanwhile. */
  expanded: Counts
  due: Counts
  dueMeanwhile: [status: string, messages: number]
  /** Who has left by then. */
  left: number
  /** Of the worker that was there before, and of the one that started meanwhile. */
  complaints: string[][]
  /** In not quite a second. */
  refused: number
  mails: number[]
}

/**
 * One newsletter is expanded when the fault begins, and no wake-up for it reaches anybody. Another one comes due meanwhile,
 * people sign up and leave, and one more worker starts; and then it is over.
 */
async function live(begin: () => Promise<unknown>, end: () => Promise<unknown>): Promise<Story> {
  const [expanded, due] = [await draft(), await draft()]
  const earlier = complaintsOf(worker).length
  await begin()
  try {
    const late = startWorkerProcess(product, { LOG_LEVEL: 'info' })
    const times: number[] = []
    const timed = async <T>(ask: () => Promise<T>): Promise<T> => {
      const askedAt = performance.now()
      return ask().finally(() => times.push(performance.now() - askedAt))
    }
    await timed(() => scheduleNow(product, admin, expanded))
    await expand(product.connections.db, (await newsletterOf(product, expanded)).id, product.config)
    const visitor = await timed(visitorSignsUp)
    const leaving = await timed(() => readerLeaves(expanded))
    await timed(() => scheduleNow(product, admin, due))
    const emails = await Promise.all(Array.from({ length: SIGN_UPS }, () => timed(signUp)))
    await untilStatus(product, expanded, 'SENT')
    await until(() => late.log().includes('worker started'), 'the late worker')
    const before = await refusals()
    await sweeps(2)
    const meanwhile = {
      visitor,
      leaving,
      slowestMs: Math.max(...times),
      dueMeanwhile: [(await newsletterOf(product, due)).status, messagesOf(product, due).length],
      complaints: [complaintsOf(worker).slice(earlier), complaintsOf(late)],
      refused: (await refusals()) - before,
    } satisfies Partial<Story>
    await end()
    await untilStatus(product, due, 'SENT')
    const mails = () => emails.map(email => mailsTo(product, email).length)
    await until(() => mails().every(count => count > 0), 'the mails')
    await sweeps(1)
    await late.end('SIGTERM')
    return {
      ...meanwhile,
      dueMeanwhile: meanwhile.dueMeanwhile as [string, number],
      left,
      expanded: await checkNewsletter(product, expanded),
      due: await checkNewsletter(product, due),
      mails: mails(),
    }
  } finally {
    await end()
  }
}

const faults: [name: string, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
  [
    'full',
    async () => {
      await operator.config('SET', 'maxmemory-policy', 'noeviction')
      await operator.config('SET', 'maxmemory', '1')
    },
    () => operator.config('SET', 'maxmemory', '0'),
  ],
  ['a read-only replica', () => operator.replicaof('127.0.0.1', 1), () => operator.replicaof('NO', 'ONE')],
]

describe.each(faults)('while Redis is %s', (_name, begin, end) => {
  let story: Story

  beforeAll(async () => {
    story = await live(begin, end)
  })

  test('a newsletter that is expanded is sent by the sweep, to everybody once', () => {
    expect(toAll(story.expanded)).toEqual({ all: READERS, unknown: 0 })
    expect(story.expanded.skipped).toBeLessThanOrEqual(story.left)
  })

  test('one that comes due waits, and is sent to everybody once when it is over', () => {
    expect(story.dueMeanwhile).toEqual(['SCHEDULED', 0])
    expect(story.due).toMatchObject({ sent: READERS - story.left, skipped: story.left, unknown: 0 })
  })

  test('withdrawals are answered, and visitors whose sign-up cannot be counted are told to come back', () => {
    expect(story.leaving).toBe(200)
    expect(story.visitor).toEqual({ status: 503, retryAfter: '30', accepted: undefined })
    expect(story.slowestMs).toBeLessThan(3000)
  })

  test('who was signed up meanwhile gets one mail when it is over', () => {
    expect(story.mails).toEqual(Array(SIGN_UPS).fill(1))
  })

  test('workers say so once for each queue, not for everything that is due', () => {
    expect(story.complaints.flat()).not.toEqual([])
    for (const complaints of story.complaints) expect(complaints.length).toBeLessThanOrEqual(4)
  })

  test('workers pause before they ask again', () => {
    expect(story.refused).toBeLessThan(200)
  })
})

test('with half a second for each answer of Redis newsletters and sign-ups go their way', async () => {
  const earlier = complaintsOf(worker).length
  const id = await draft()
  proxy.latency(250)
  try {
    await scheduleNow(product, admin, id)
    const [leaving, email] = await Promise.all([readerLeaves(id), signUp()])
    expect(leaving).toBe(200)
    await untilStatus(product, id, 'SENT')
    await until(() => mailsTo(product, email).length > 0, 'the mail')
    await sweeps(1)
    expect(toAll(await checkNewsletter(product, id))).toEqual({ all: READERS, unknown: 0 })
    expect(mailsTo(product, email)).toHaveLength(1)
    expect(complaintsOf(worker).slice(earlier)).toEqual([])
  } finally {
    proxy.latency(0)
  }
})
