import { Permit } from '../src/consent/permit'
import { DeliveryRetry } from '../src/entities/delivery-retry'
import { createLog } from '../src/log'
import type { Message } from '../src/mail/message'
import { createHandOff, type HandOff, type TransportName } from '../src/mail/smtp'
import type { GateAnswer } from '../src/mail/smtp-work'
import { expand } from '../src/newsletters/expand'
import { startWorkers } from '../src/worker/workers'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { checkNewsletter, newsletterOf, rowsOf, until, untilStatus } from './support/checker'
import { createDeliverer } from './support/deliver-once'
import { inLanes } from './support/in-lanes'
import { logTarget } from './support/leaks'
import { type Product, startProduct } from './support/product'
import { type SmtpSink, startSmtpSink } from './support/smtp-sink'

const TRANSPORTS: readonly TransportName[] = ['pipelined', 'plain']

const recipientsIn = (...sinks: SmtpSink[]): (string | undefined)[] =>
  sinks.flatMap(sink => sink.accepted().map(({ to }) => to[0])).sort()

const SILENT = 24
const OTHERS = 50
// What is waited for here is our own patience, several times in a row.
const PATIENCE_MS = 1_000
const TIMES = { connectMs: 10_000, greetingMs: 10_000, stepMs: PATIENCE_MS, dotMs: PATIENCE_MS }

// One whose newsletters a worker sends, and one whose newsletters a test sends by itself.
let product: Product
let quiet: Product
let admin: Staff
let pastSilence: Promise<void>[]

beforeAll(async () => {
  ;[product, quiet] = await Promise.all([startProduct({ worker: false }), startProduct({ worker: false })])
  admin = await makeStaff(product, 'ADMIN')
  const another = await makeStaff(quiet, 'ADMIN')
  // Mostly waits: the other tests run meanwhile.
  pastSilence = inLanes(TRANSPORTS.length, TRANSPORTS, transport =>
    sendPastSilence(quiet, another, transport),
  )
})
afterAll(async () => {
  await Promise.allSettled(pastSilence ?? [])
  await product?.stop()
  await quiet?.stop()
})

describe.each([
  { transport: 'plain' as const, isPipelining: true },
  { transport: 'pipelined' as const, isPipelining: false },
  { transport: 'pipelined' as const, isPipelining: true },
])('two servers ($transport, they offer PIPELINING: $isPipelining)', ({ transport, isPipelining }) => {
  let one: SmtpSink
  let other: SmtpSink
  let door: HandOff
  let asked: string[]

  const messageTo = (local: string): Message => ({
    envelope: { from: 'b+token@bounces.example', to: `${local}@example.org` },
    messageId: '<token@example.org>',
    parts: [`Subject: x\r\n\r\n${'A line of the body\r\n'.repeat(50)}`],
  })
  const send = (local: string) =>
    door.handOff(messageTo(local), async (): Promise<GateAnswer> => {
      asked.push(local)
      return { kind: 'passed', permit: Permit.afterCommit() }
    })
  const locals = (count: number): string[] => Array.from({ length: count }, (_, n) => `r${n}`).sort()
  const addresses = (count: number): string[] =>
    locals(count)
      .map(local => `${local}@example.org`)
      .sort()

  beforeEach(async () => {
    one = await startSmtpSink({ isPipelining })
    other = await startSmtpSink({ isPipelining })
    asked = []
    const servers = [
      { url: one.url, weight: 3 },
      { url: other.url, weight: 1 },
    ]
    door = createHandOff({ servers, connections: 4, transport })
  })
  afterEach(async () => {
    // First the servers: a door waits for what is under way.
    await one.close()
    await other.close()
    await door.close()
  })

  test('what waits for one that goes away is sent by the other, each message once', async () => {
    one.fail('silent-banner')
    const sending = locals(20).map(send)
    await until(() => other.received.length > 0, 'the other is at work', 10)
    await one.close()

    const results = await Promise.all(sending)

    expect(results.every(({ kind }) => kind === 'sent')).toBe(true)
    expect(recipientsIn(other)).toEqual(addresses(20))
    expect(one.received).toEqual([])
    expect(asked.sort()).toEqual(locals(20))
  })

  test('a message whose end one of them has is not given to the other: it ends as unknown', async () => {
    one.fail('silent-dot')
    const sending = locals(20).map(send)
    // Three connections, by its weight: each with a message that has its end, and the rest behind them.
    await until(() => one.received.length === 3, 'it is silent on all of them', 10)
    await one.close()

    const results = await Promise.all(sending)

    const unknown = locals(20).filter((_, index) => results[index]?.kind === 'unknown')
    expect(unknown.map(local => `${local}@example.org`).sort()).toEqual(recipientsIn(one))
    expect(results.filter(({ kind }) => kind === 'sent')).toHaveLength(17)
    expect(recipientsIn(one, other)).toEqual(addresses(20))
    expect(other.commands.filter(line => unknown.some(local => line.includes(`<${local}@`)))).toEqual([])
    expect(asked.sort()).toEqual(locals(20))
  })

  test('one that has stopped answering does not hold up what the other can carry', async () => {
    one.fail('silent-dot')
    let next = 0
    const sendOneByOne = async (): Promise<void> => {
      while (next < 100) await send(`r${next++}`)
    }
    // As for a newsletter: one under way on each connection, and one behind each.
    const sending = Promise.all(Array.from({ length: 8 }, sendOneByOne))
    await until(() => other.received.length > 80, 'the other has nearly all', 6)
    await one.close()
    await sending

    expect(recipientsIn(one, other)).toEqual(addresses(100))
  })

  test('one that was away is used again when it is back', async () => {
    await one.close()
    let count = 0
    const sendNext = async () => {
      const result = await send(`r${count++}`)
      expect(result.kind).toBe('sent')
    }
    await sendNext()
    expect(other.received).toHaveLength(1)
    one = await startSmtpSink({ isPipelining, port: one.port })

    await until(async () => {
      await sendNext()
      return one.received.length >= 3
    }, 'the first server has its share again')

    expect(recipientsIn(one, other)).toEqual(addresses(count))
  })
})

describe('newsletters', () => {
  const READERS = 40

  describe.each(TRANSPORTS)('over two servers (%s)', transport => {
    let one: SmtpSink
    let other: SmtpSink
    let stopWorker: () => Promise<void>

    beforeEach(async () => {
      one = await startSmtpSink({ isPipelining: true })
      other = await startSmtpSink({ isPipelining: true })
      const smtpServers = [one, other].map(({ url }) => ({ url, weight: 1 }))
      const config = { ...product.config, smtpServers, smtpConnections: 4, smtpTransport: transport }
      stopWorker = startWorkers(config, product.connections, createLog(config.logLevel, 'test', logTarget()))
    })
    afterEach(async () => {
      await one.close()
      await other.close()
      await stopWorker()
    })

    async function start(slug: string): Promise<{ id: string; readers: KnownReader[] }> {
      const topic = await makeTopic(product, admin, slug)
      const readers = await makeReaders(product, READERS, { purposes: [`topic:${slug}`] })
      const { id } = await makeNewsletter(product, admin, topic.id)
      await scheduleNow(product, admin, id)
      return { id, readers }
    }

    /** As the product with one server that got everything. */
    const withBoth = (): Product => ({
      ...product,
      sink: { ...other, received: [...one.received, ...other.received] },
    })

    test('a server that closes in the middle loses nobody: all are sent by the other, or unknown', async () => {
      const { id, readers } = await start(`closing-${transport}`)
      await until(() => one.received.length >= 3, 'the first server is at work')
      await one.close()

      // What it broke off before the end is tried again later; here at once.
      await until(async () => {
        await product.connections.db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)')
        return (await newsletterOf(product, id)).status === 'SENT'
      }, 'it is finished')

      const counts = await checkNewsletter(withBoth(), id)
      const unknown = (await rowsOf(product, id)).filter(({ status }) => status === 'unknown')
      expect(counts.sent + counts.unknown).toBe(READERS)
      expect(unknown.length).toBeLessThanOrEqual(2)
      const addresses = new Map(readers.map(reader => [reader.id, reader.email]))
      const ofUnknown = unknown.map(({ readerId }) => addresses.get(readerId))
      expect(recipientsIn(other).filter(to => ofUnknown.includes(to))).toEqual([])
      expect([...new Set([...recipientsIn(one, other), ...ofUnknown])].sort()).toEqual(
        readers.map(({ email }) => email).sort(),
      )
      expect(new Set(recipientsIn(one, other)).size).toBe(recipientsIn(one, other).length)
    })

    test('a message that had passed its gate is unknown, and the other server never hears of its reader', async () => {
      one.fail('silent-dot')
      const { id, readers } = await start(`silent-${transport}`)
      await until(() => one.received.length === 2, 'the first server has two ends and is silent')
      await one.close()
      await untilStatus(product, id, 'SENT')

      expect(await checkNewsletter(withBoth(), id)).toMatchObject({ sent: READERS - 2, unknown: 2 })
      const ofUnknown = recipientsIn(one)
      expect(other.commands.filter(line => ofUnknown.some(to => line.includes(`<${to}>`)))).toEqual([])
      expect(recipientsIn(one, other)).toEqual(readers.map(({ email }) => email).sort())
    })
  })
})

/** Some of each in turn, in the order in which they are sent. */
async function makeBoth(product: Product, slug: string): Promise<void> {
  const purposes = [`topic:${slug}`]
  const silent = { purposes, domain: `${slug}.example`, local: (n: number) => `silent-rcpt.r${n}` }
  await makeReaders(product, OTHERS / 5, { purposes })
  for (let n = 0; n < 4; n++) {
    await makeReaders(product, SILENT / 4, silent)
    await makeReaders(product, OTHERS / 5, { purposes })
  }
}

async function sendPastSilence(product: Product, admin: Staff, transport: TransportName): Promise<void> {
  const sink = await startSmtpSink({ isPipelining: true })
  const deliverer = createDeliverer(product, { url: sink.url, transport, times: TIMES })
  const { db } = product.connections
  try {
    const topic = await makeTopic(product, admin, transport)
    await makeBoth(product, transport)
    const { id: publicId } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, publicId)
    const { id } = await newsletterOf(product, publicId)
    await expand(db, id, product.config)

    await deliverer.deliver(id)

    expect(new Set(recipientsIn(sink)).size).toBe(OTHERS)
    expect(sink.received).toHaveLength(OTHERS)
    const rows = await rowsOf(product, publicId)
    expect(rows.filter(({ status }) => status === 'sent')).toHaveLength(OTHERS)
    const waiting = rows.filter(({ status }) => status === 'queued')
    expect(waiting).toHaveLength(SILENT)
    expect(waiting.every(({ attempts }) => attempts === 0)).toBe(true)
    expect(await db.manager.countBy(DeliveryRetry, { newsletterId: id })).toBe(SILENT)
    // Ten in a row, and what was on its way by then; never one of them twice.
    const tried = sink.commands.filter(line => line.includes('<silent-rcpt.'))
    expect(tried.length).toBeGreaterThanOrEqual(10)
    expect(tried.length).toBeLessThan(SILENT)
    expect(new Set(tried).size).toBe(tried.length)

    sink.heal()
    await db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE newsletter_id = ?', [id])
    await deliverer.deliver(id)
    await checkNewsletter({ ...product, sink }, publicId)
    expect(sink.received).toHaveLength(OTHERS + SILENT)
  } finally {
    await deliverer.close()
    await sink.close()
  }
}

test.each(TRANSPORTS.map((transport, index) => [transport, index] as const))(
  'readers at whom the server falls silent hold up nobody else, wait for a later try, and get theirs once (%s)',
  async (_transport, index) => {
    await pastSilence[index]
  },
)
