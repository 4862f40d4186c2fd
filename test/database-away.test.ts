import { setTimeout as sleep } from 'node:timers/promises'
import { gateFacts } from '../src/consent/gate'
import { expand } from '../src/newsletters/expand'
import { createPackets, type Packets } from '../src/packets'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import {
  checkNewsletter,
  messagesOf,
  newsletterOf,
  until,
  untilReceived,
  untilStatus,
} from './support/checker'
import { createDeliverer } from './support/deliver-once'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'
import { type Servers, startServers } from './torture/servers'

const READERS = 150

let servers: Servers
let product: Product
let admin: Staff
let topic: AnyData
let reader: KnownReader

beforeAll(async () => {
  servers = await startServers({ durable: false })
  product = await startProduct({
    worker: false,
    sink: { delayMs: 10 },
    env: { DATABASE_WAIT_SECONDS: '1', LEASE_SECONDS: '5', SMTP_CONNECTIONS: '5' },
  })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  const readers = await makeReaders(product, READERS)
  reader = readers[0] as KnownReader
})
afterEach(() => endWorkerProcesses())
afterAll(async () => {
  await product?.stop()
  await servers?.stop()
})

/** Under way, with so many messages taken. */
async function sending(count: number): Promise<string> {
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  await untilReceived(product, id, count)
  return id
}

const through = ({ port }: FaultProxy): string => {
  const url = new URL(String(product.env.DATABASE_URL))
  url.port = String(port)
  return url.href
}

/** `onFirst` is called just before the first packet with these words is sent. */
function heldUp(packets: Packets, words: string, onFirst: () => void): Packets {
  let isFirst = true
  const spied = <Spied extends object>(target: Spied, name: keyof Spied, spy: (real: AnyData) => AnyData) =>
    new Proxy(target, {
      get(_target, property) {
        const value: AnyData = Reflect.get(target, property)
        if (property === name) return spy(value.bind(target))
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return spied(
    packets,
    'getConnection',
    getConnection => async () =>
      spied(await getConnection(), 'query', query => (sql: string, ...rest: unknown[]) => {
        if (isFirst && sql.includes(words)) {
          isFirst = false
          onFirst()
        }
        return query(sql, ...rest)
      }),
  )
}

const SITE = '{ site { purposes { key } } }'
/** Status and Retry-After of what readers and watchers ask for. */
async function doors(token: string): Promise<Record<string, [number, string | null]>> {
  const ask = async (path: string, init?: RequestInit): Promise<[number, string | null]> => {
    const response = await fetch(`${product.url}${path}`, init)
    return [response.status, response.headers.get('retry-after')]
  }
  const body = JSON.stringify({ query: SITE })
  const headers = { 'content-type': 'application/json' }
  const [health, readiness, query, page, leaving] = await Promise.all([
    ask('/healthz'),
    ask('/readyz'),
    ask('/graphql', { method: 'POST', headers, body }),
    ask('/privacy'),
    ask(`/u/${token}`, { method: 'POST', body: 'List-Unsubscribe=One-Click' }),
  ])
  return { health, readiness, query, page, leaving } as Record<string, [number, string | null]>
}

test('a MariaDB that hangs stops the sending at the gate, the API says 503, and all goes on by itself', async () => {
  const worker = startWorkerProcess(product, { LOG_LEVEL: 'info' })
  const id = await sending(20)
  const token = await unsubscribeToken(product, id, reader)
  servers.freezeMariadb()
  const frozenAt = Date.now()
  await sleep(50)
  const before = messagesOf(product, id).length
  try {
    expect(await doors(token)).toEqual({
      health: [200, null],
      readiness: [503, null],
      query: [503, '30'],
      page: [503, '30'],
      leaving: [503, '30'],
    })
    expect(Date.now() - frozenAt).toBeLessThan(4000)
    // Nobody waits at the gate any more: what had no permit was dropped without its end.
    await until(() => product.sink.unfinishedCount() === 0, 'no message is held open', 5)
    expect(messagesOf(product, id).length - before).toBeLessThanOrEqual(5)
    await until(() => worker.log().includes('the database is away'), 'it is said', 10)
  } finally {
    servers.thawMariadb()
  }
  expect((await graphql(product, SITE)).status).toBe(200)
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  expect(worker.log()).toContain('the database is back')
})

test('a read-only MariaDB stops the sending and refuses what would write, and all goes on by itself', async () => {
  const worker = startWorkerProcess(product, { LOG_LEVEL: 'info' })
  const id = await sending(20)
  const token = await unsubscribeToken(product, id, reader)
  await servers.asRoot('SET GLOBAL read_only = 1')
  try {
    await until(() => worker.log().includes('takes no writes'), 'it is said', 10)
    const before = messagesOf(product, id).length
    expect(await doors(token)).toEqual({
      health: [200, null],
      readiness: [200, null],
      query: [200, null],
      page: [200, null],
      leaving: [503, '30'],
    })
    const input = {
      slug: 'other',
      maxIssues: 1,
      perDays: 1,
      texts: [{ locale: 'en', name: 'n', description: 'd', cadence: 'c' }],
    }
    const saved = await graphql(
      product,
      'mutation ($input: TopicInput!) { topicSave(input: $input) { userErrors { code } } }',
      { input },
      { token: admin.token },
    )
    expect([saved.status, saved.errors?.[0]?.extensions.code]).toEqual([503, 'UNAVAILABLE'])
    await sleep(1000)
    expect(messagesOf(product, id)).toHaveLength(before)
  } finally {
    await servers.asRoot('SET GLOBAL read_only = 0')
  }
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  expect(worker.log()).toContain('the database is back')
})

describe('behind a network that loses the answers', () => {
  let proxy: FaultProxy

  beforeAll(async () => {
    proxy = await startFaultProxy(Number(new URL(String(product.env.DATABASE_URL)).port))
  })
  afterAll(() => proxy?.close())

  test('a gate whose commit arrives only after it was given up loses nobody', async () => {
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    const newsletter = await newsletterOf(product, id)
    await expand(product.connections.db, newsletter.id, product.config)
    const packets = createPackets(through(proxy), 500, [gateFacts])
    // The first one, by more than the worker waits and less than the server gives a transaction in which nothing is asked.
    const late = heldUp(packets, 'COMMIT', () => {
      proxy.latency(800)
      setTimeout(() => proxy.latency(0), 400)
    })
    const { url } = product.sink
    const deliverer = createDeliverer(product, { url, transport: 'pipelined', packets: late })
    while ((await newsletterOf(product, id)).status !== 'SENT') await deliverer.deliver(newsletter.id)
    await deliverer.close()
    await packets.end()
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  })

  test('a gate whose commit was never answered lets nothing follow, and its readers get it later', async () => {
    startWorkerProcess(product, { DATABASE_URL: through(proxy) })
    const id = await sending(20)
    for (const count of [50, 80, 110]) {
      proxy.halfOpen('to-client')
      await until(() => product.sink.unfinishedCount() === 0, 'all messages are given up', 10)
      await proxy.heal()
      await untilReceived(product, id, count)
    }
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ unknown: 0 })
  })
})
