import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryRange } from '../src/entities/delivery-range'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import {
  checkNewsletter,
  completedAfter,
  messagesOf,
  newsletterOf,
  rowsOf,
  until,
  untilReceived,
  untilSettled,
  untilStatus,
} from './support/checker'
import { type Product, startProduct } from './support/product'
import { startNewsletter } from './support/started'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 400

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({
    worker: false,
    sink: { delayMs: 8 },
    env: { LEASE_SECONDS: '1' },
  })
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
})

async function scheduled(slug: string, readers = READERS): Promise<string> {
  const topic = await makeTopic(product, admin, slug)
  await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return id
}

const staff = (query: string, variables: Record<string, unknown> = {}): Promise<AnyData> =>
  ok(product, query, variables, { token: admin.token })
const PAYLOAD = '{ newsletter { status } alreadyPassed userErrors { code } }'
const pause = async (id: string): Promise<AnyData> =>
  (await staff(`mutation ($id: ID!) { newsletterPause(id: $id, reason: "a look") ${PAYLOAD} }`, { id }))
    .newsletterPause
const resume = async (id: string): Promise<AnyData> =>
  (await staff(`mutation ($id: ID!) { newsletterResume(id: $id) ${PAYLOAD} }`, { id })).newsletterResume
const cancel = async (id: string): Promise<AnyData> =>
  (await staff(`mutation ($id: ID!) { newsletterCancel(id: $id, reason: "wrong") ${PAYLOAD} }`, { id }))
    .newsletterCancel
const siteStop = async (): Promise<AnyData> =>
  (await staff('mutation { siteStop(reason: "drill") { accepted alreadyPassed } }')).siteStop
const siteStart = async (): Promise<AnyData> =>
  (await staff('mutation { siteStart(reason: "over") { accepted } }')).siteStart

/** After the answer only what it names is completed; the number of messages then stays what it is. */
async function holds(id: string, answer: AnyData, answeredAt: number): Promise<void> {
  await untilSettled(product, id)
  const settled = messagesOf(product, id).length
  await sleep(1200)
  expect(messagesOf(product, id)).toHaveLength(settled)
  const later = await completedAfter(product, id, answeredAt)
  expect(answer.alreadyPassed).toEqual(expect.arrayContaining(later))
  expect(settled).toBeLessThan(READERS)
}

describe('while a worker sends', () => {
  beforeAll(() => void startWorkerProcess(product))
  afterAll(() => endWorkerProcesses())

  test('after siteStop has answered no message completes but those it names; after siteStart the rest goes once', async () => {
    const id = await scheduled('site')
    for (const count of [60, 160, 260]) {
      await untilReceived(product, id, count)
      const answer = await siteStop()
      await holds(id, answer, Date.now())
      expect(answer.accepted).toBe(true)
      expect((await newsletterOf(product, id)).status).toBe('SENDING')
      await siteStart()
    }
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  })

  test('after a pause has answered no message completes but those it names; after resume the rest goes once', async () => {
    const id = await scheduled('paused')
    for (const count of [60, 160, 260]) {
      await untilReceived(product, id, count)
      const answer = await pause(id)
      await holds(id, answer, Date.now())
      expect(answer).toMatchObject({ newsletter: { status: 'PAUSED' }, userErrors: [] })
      expect(await resume(id)).toMatchObject({ newsletter: { status: 'SENDING' }, userErrors: [] })
    }
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  })

  test('a stop right after a pause still names what had passed before both', async () => {
    const id = await scheduled('both')
    await untilReceived(product, id, 60)
    const [paused, stopped] = [await pause(id), await siteStop()]
    const answeredAt = Date.now()
    await holds(id, stopped, answeredAt)
    expect(paused.alreadyPassed).toEqual(expect.arrayContaining(stopped.alreadyPassed))
    await siteStart()
    await cancel(id)
  })

  test('cancelling counts what was left as cancelled, and what had passed as what became of it', async () => {
    const id = await scheduled('cancelled')
    await untilReceived(product, id, 100)
    const answer = await cancel(id)
    await holds(id, answer, Date.now())
    expect(await resume(id)).toMatchObject({ userErrors: [{ code: 'INVALID_STATE' }] })
    const counts = await checkNewsletter(product, id)
    expect(counts.sent + counts.cancelled).toBe(READERS)
    expect(counts.cancelled).toBeGreaterThan(0)
    await until(
      async () => (await newsletterOf(product, id)).finishedAt !== null,
      'the cancelled one is finished',
    )
  })

  test('a message the server defers after its newsletter was cancelled is cancelled, not queued', async () => {
    const topic = await makeTopic(product, admin, 'deferred')
    await makeReaders(product, 20, { purposes: ['topic:deferred'], local: n => `450-dot.r${n}` })
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    await until(
      async () => (await rowsOf(product, id)).some(row => row.status === 'sending'),
      'one has passed',
    )
    const answer = await cancel(id)
    expect(answer.alreadyPassed.length).toBeGreaterThan(0)
    await untilSettled(product, id)
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: 0, cancelled: 20 })
  })

  test('a newsletter cancelled while it is expanded has a row for each of its readers', async () => {
    const id = await scheduled('expanding', 4000)
    const { manager } = product.connections.db
    const newsletter = await newsletterOf(product, id)
    await until(() => manager.existsBy(DeliveryRange, { newsletterId: newsletter.id }), 'the first range')
    expect(await cancel(id)).toMatchObject({ newsletter: { status: 'CANCELLED' } })
    await until(
      async () => (await newsletterOf(product, id)).finishedAt !== null,
      'the cancelled one is finished',
    )
    const counts = await checkNewsletter(product, id)
    expect(counts.cancelled + counts.sent).toBe(4000)
    expect(counts.cancelled).toBeGreaterThan(3000)
  })
})

test('what a dead worker left past its gate in a cancelled newsletter becomes unknown, and nothing stays open', async () => {
  const topic = await makeTopic(product, admin, 'left')
  const readers = await makeReaders(product, 20, { purposes: ['topic:left'] })
  const started = await startNewsletter(product, admin, topic.id)
  for (const { id } of readers.slice(0, 5)) expect(await started.gate(id)).toMatchObject({ kind: 'passed' })
  const { publicId, id } = started.newsletter
  expect((await cancel(publicId)).alreadyPassed).toHaveLength(5)
  const expire = 'UPDATE delivery_range SET lease_until = UTC_TIMESTAMP(3) WHERE newsletter_id = ?'
  await product.connections.db.manager.query(expire, [id])
  startWorkerProcess(product)
  await until(
    async () => (await newsletterOf(product, publicId)).finishedAt !== null,
    'the cancelled one is finished',
  )
  expect(await checkNewsletter(product, publicId)).toMatchObject({ unknown: 5, cancelled: 15, sent: 0 })
  expect(messagesOf(product, publicId)).toEqual([])
})
