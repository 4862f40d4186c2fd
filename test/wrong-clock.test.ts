import { resolve } from 'node:path'
import { select } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  SCHEDULE,
  type Staff,
  scheduleInput,
  scheduleNow,
  uniqueAddress,
} from './support/actors'
import { ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, rowsOf, until, untilStatus } from './support/checker'
import { mailsTo } from './support/mail'
import { type Product, startProduct } from './support/product'
import { noticesOf, settled } from './support/rows'
import { endWorkerProcesses, startWorkerProcess, type WorkerProcess } from './support/worker-process'

const MINUTE = 60_000
const READERS = 30

let product: Product
let admin: Staff
let topics = 0

beforeAll(async () => {
  product = await startProduct({ worker: false, env: { LEASE_SECONDS: '5' } })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

const startWrongWorker = (hours: string, env: NodeJS.ProcessEnv = {}): WorkerProcess =>
  startWorkerProcess(product, {
    ...env,
    WRONG_CLOCK_HOURS: hours,
    NODE_OPTIONS: `--require ${resolve('test/support/wrong-clock.cjs')}`,
  })

/** A draft for readers of its own. */
async function draft(promise = { maxIssues: 100, perDays: 1 }) {
  const slug = `topic-${++topics}`
  const topic = await makeTopic(product, admin, slug, slug, promise)
  await makeReaders(product, READERS, { purposes: [`topic:${slug}`] })
  return { topicId: topic.id as string, ...(await makeNewsletter(product, admin, topic.id)) }
}

async function scheduleFor(id: string, sendAt: Date): Promise<void> {
  const input = scheduleInput(await fetchNewsletter(product, admin, id), { sendAt: sendAt.toISOString() })
  await ok(product, SCHEDULE, { id, input }, { token: admin.token })
}

/** The clock that counts. */
async function databaseNow(): Promise<Date> {
  const [row] = await select<{ now: Date }>(product.connections.db.manager, 'SELECT UTC_TIMESTAMP(3) AS now')
  return row?.now ?? new Date(0)
}

/** When the deliveries of a newsletter are due again. */
async function dueAgain(id: string): Promise<number[]> {
  const rows = await select<{ due_at: Date }>(
    product.connections.db.manager,
    'SELECT t.due_at FROM delivery_retry t JOIN newsletter n ON n.id = t.newsletter_id WHERE n.public_id = ?',
    [id],
  )
  return rows.map(row => row.due_at.getTime())
}

test.each([
  ['a day fast and a day slow', ['24', '-24']],
  ['jumping', ['0,1,-1', '24,0,-24,-1']],
])(
  'workers whose clocks are wrong (%s) start nothing early or late, send nobody twice and keep the caps',
  async (_name, clocks) => {
    const first = await draft({ maxIssues: 1, perDays: 1 })
    const ids = [first.id, (await makeNewsletter(product, admin, first.topicId)).id]
    for (const hours of clocks) startWrongWorker(hours)
    const sendAt = new Date((await databaseNow()).getTime() + 2500)
    for (const id of ids) await scheduleFor(id, sendAt)
    for (const id of ids) {
      await untilStatus(product, id, 'SENT')
      await checkNewsletter(product, id)
      const { startedAt, finishedAt } = await newsletterOf(product, id)
      expect(startedAt && startedAt >= sendAt && finishedAt && finishedAt >= startedAt).toBe(true)
      expect(finishedAt && finishedAt <= (await databaseNow())).toBe(true)
    }
    const rows = (await Promise.all(ids.map(id => rowsOf(product, id)))).flat()
    const sent = rows.filter(({ status }) => status === 'sent')
    expect(new Set(sent.map(({ readerId }) => readerId)).size).toBe(READERS)
    expect(sent).toHaveLength(READERS)
    expect(rows.filter(({ skipReason }) => skipReason === 'FREQUENCY_CAP')).toHaveLength(READERS)
  },
)

test('it is quiet by the database’s clock, whatever the worker’s says', async () => {
  const hour = (await databaseNow()).getUTCHours()
  const later = (hours: number) => String((hour + hours) % 24)
  const night = await draft()
  const worker = startWrongWorker('6', { QUIET_HOURS: `${hour}-${later(3)}` })
  await scheduleNow(product, admin, night.id)
  await until(async () => (await dueAgain(night.id)).length === READERS, 'all wait for the morning')
  expect(messagesOf(product, night.id)).toEqual([])
  const now = (await databaseNow()).getTime()
  for (const due of await dueAgain(night.id))
    expect(due > now + 110 * MINUTE && due <= now + 180 * MINUTE).toBe(true)
  await worker.end('SIGTERM')

  const day = await draft()
  startWrongWorker('6', { QUIET_HOURS: `${later(5)}-${later(9)}` })
  await scheduleNow(product, admin, day.id)
  await untilStatus(product, day.id, 'SENT')
  expect(await checkNewsletter(product, day.id)).toMatchObject({ sent: READERS })
})

test.each(['24', '-24'])('a server that asks for a pause gets exactly that (%s hours wrong)', async hours => {
  const { id } = await draft()
  product.sink.fail('450-mail')
  try {
    startWrongWorker(hours)
    await scheduleNow(product, admin, id)
    await until(async () => (await dueAgain(id)).length === READERS, 'all are put off')
    const now = (await databaseNow()).getTime()
    for (const due of await dueAgain(id)) expect(Math.abs(due - now - 10 * MINUTE)).toBeLessThan(MINUTE / 2)
  } finally {
    product.sink.fail()
  }
})

test('a worker whose clock is a day fast sends no second confirmation, and gives up none early', async () => {
  const { topicId } = await draft()
  expect(topicId).toBeTruthy()
  const email = uniqueAddress()
  const granted = [`topic:topic-${topics}`]
  startWrongWorker('25')
  await register(product, await registerInput(product, granted, { email }))
  await settled(product, email)
  await register(product, await registerInput(product, granted, { email }))
  await settled(product, email)
  expect(mailsTo(product, email)).toHaveLength(1)

  const other = uniqueAddress()
  product.sink.fail('451-mail')
  try {
    await register(product, await registerInput(product, granted, { email: other }))
    await until(async () => (await noticesOf(product, other)).some(({ attempts }) => attempts > 0), 'tried')
    expect((await noticesOf(product, other)).map(({ state }) => state)).toEqual(['queued'])
  } finally {
    product.sink.fail()
  }
})
