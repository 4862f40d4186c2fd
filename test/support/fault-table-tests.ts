// Every row of the fault table through the whole product: state, attempts, what the server got, and nothing twice.
import { DeliveryRetry } from '../../src/entities/delivery-retry'
import { Newsletter } from '../../src/entities/newsletter'
import type { TransportName } from '../../src/mail/smtp'
import { expand } from '../../src/newsletters/expand'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './actors'
import { makeReaders } from './bulk-readers'
import { newsletterOf, rowsOf } from './checker'
import { createDeliverer } from './deliver-once'
import { inLanes } from './in-lanes'
import { type Product, startProduct } from './product'
import { FAULT_TABLE, type FaultRow } from './smtp-fault-table'
import { type SinkOptions, startSmtpSink } from './smtp-sink'

interface Server {
  transport: TransportName
  sink: SinkOptions
}

/** Rows that this transport and server are meant for. */
const rowsFor = ({ sink }: Server): FaultRow[] => {
  const rows = FAULT_TABLE.filter(
    row => row.transports === 'both' || (row.transports === 'pipelined') === (sink.isPipelining === true),
  )
  return sink.extensions?.includes('CHUNKING') ? rows.map(withChunks) : rows
}

/** With BDAT the server has answered the body before the gate is asked: its silence there is no longer ambiguous. */
const withChunks = (row: FaultRow): FaultRow =>
  row.expected.status === 'unknown' && row.expected.completed === 0
    ? { ...row, expected: { status: 'queued', waitsFor: 'retry', attempts: 0, completed: 0 } }
    : row

// What is waited for in these rows is our own patience.
const PATIENCE_MS = 3_000
const TIMES = { connectMs: PATIENCE_MS, greetingMs: PATIENCE_MS, stepMs: PATIENCE_MS, dotMs: PATIENCE_MS }
/** Rows at the same time. Each has a server, a topic, a reader and a newsletter of its own, and mostly waits. */
const LANES = 5

export function testFaultTable(name: string, server: Server): void {
  const rows = rowsFor(server)
  let product: Product
  let admin: Staff
  let endings: Promise<void>[]

  beforeAll(async () => {
    product = await startProduct({ worker: false })
    admin = await makeStaff(product, 'ADMIN')
    endings = inLanes(LANES, rows, endsAsExpected)
  })
  afterAll(async () => {
    await Promise.allSettled(endings ?? [])
    await product?.stop()
  })

  async function started(row: FaultRow): Promise<{ publicId: string; id: number }> {
    const slug = `row-${rows.indexOf(row)}`
    const topic = await makeTopic(product, admin, slug)
    const local = (n: number) => `${row.recipient ?? 'fine'}.r${n}`
    await makeReaders(product, row.after ? row.after + 1 : 1, { purposes: [`topic:${slug}`], local })
    const { id: publicId } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, publicId)
    const { id } = await newsletterOf(product, publicId)
    await expand(product.connections.db, id, product.config)
    return { publicId, id }
  }

  const makeDue = (id: number): Promise<unknown> =>
    product.connections.db.manager.query(
      'UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE newsletter_id = ?',
      [id],
    )

  async function expectEnding({ expected }: FaultRow, id: number, publicId: string): Promise<void> {
    const { status, attempts, waitsFor, smtpStatus } = expected
    const { manager } = product.connections.db
    const [delivery] = await rowsOf(product, publicId)
    const newsletter = await manager.findOneByOrFail(Newsletter, { id })
    const retries = await manager.countBy(DeliveryRetry, { newsletterId: id })
    expect(delivery).toMatchObject({
      status,
      ...(attempts === undefined ? {} : { attempts }),
      ...(smtpStatus ? { smtpStatus } : {}),
    })
    // A queued one that may wait for either: the server broke before it said what it minds.
    if (status !== 'queued' || waitsFor) expect(retries).toBe(waitsFor === 'retry' ? 1 : 0)
    expect(newsletter.status === 'PAUSED').toBe(waitsFor === 'person')
    expect(delivery?.diagnostic ?? '').not.toContain('@')
  }

  async function endsAsExpected(row: FaultRow): Promise<void> {
    const sink = await startSmtpSink({ ...server.sink, ...row.sink })
    if (row.server) sink.fail(row.server, { after: row.after })
    const { transport } = server
    const deliverer = createDeliverer(product, { url: sink.url, transport, gateMs: 150, times: TIMES })
    try {
      const { publicId, id } = await started(row)
      await deliverer.deliver(id)
      for (let retry = 0; retry < (row.retries ?? 0); retry++) {
        await makeDue(id)
        await deliverer.deliver(id)
      }
      await expectEnding(row, id, publicId)
      const { completed, waitsFor } = row.expected
      const accepted = sink.accepted().length
      expect(accepted).toBe(completed * (row.after ? row.after + 1 : 1))
      // Whatever became of it, it does not come again by itself.
      await deliverer.deliver(id)
      if (waitsFor !== 'server') expect(sink.accepted()).toHaveLength(accepted)
    } finally {
      await deliverer.close()
      await sink.close()
    }
  }

  describe(name, () => {
    test.each(rows.map((row, index) => [row.transaction, index] as const))('%s', async (_what, index) => {
      await endings[index]
    })
  })
}
