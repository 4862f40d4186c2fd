import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { type JobName, jobOptions, prefixOf } from '../src/jobs/queues'
import { select } from '../src/transaction'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
  scheduleNow,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders, unsubscribeToken } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, untilReceived, untilStatus } from './support/checker'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct, sweeps } from './support/product'

const NAMES: readonly JobName[] = ['notice', 'expand', 'deliver']

let redis: PrivateRedis
let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  redis = await createPrivateRedis()
  await redis.start()
  product = await startProduct({ sink: { delayMs: 5 }, env: { REDIS_URL: redis.url, LEASE_SECONDS: '1' } })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 600)
})
afterAll(async () => {
  await Promise.all(opened.map(queue => queue.close()))
  await product?.stop()
  await redis?.stop()
})

const draft = async (): Promise<AnyData> => makeNewsletter(product, admin, topic.id)

test('Redis emptied again and again while a newsletter goes out changes nothing about who gets it', async () => {
  const { id } = await draft()
  await scheduleNow(product, admin, id)
  for (const count of [1, 100, 200, 300, 400, 500]) {
    await untilReceived(product, id, count)
    await redis.flush()
  }
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 600, unknown: 0 })
})

test('with Redis away scheduling and withdrawing work, and the newsletter starts when Redis is back', async () => {
  const { id, ...newsletter } = await draft()
  const [leaver] = await makeReaders(product, 1)
  if (!leaver) throw new Error('No reader')
  await redis.stop()
  const input = scheduleInput(newsletter, { confirmedRecipients: 601 })
  const { newsletterSchedule } = await ok(product, SCHEDULE, { id, input }, { token: admin.token })
  expect(newsletterSchedule).toMatchObject({ newsletter: { status: 'SCHEDULED' }, userErrors: [] })

  const askedAt = Date.now()
  const token = await unsubscribeToken(product, id, leaver)
  const answer = await fetch(`${product.url}/u/${token}`, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
  })
  expect(answer.status).toBe(200)
  expect(Date.now() - askedAt).toBeLessThan(2000)

  await sweeps(3)
  expect((await newsletterOf(product, id)).status).toBe('SCHEDULED')
  expect(messagesOf(product, id)).toEqual([])
  await redis.start()
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 600, skipped: 1 })
})

test('Redis killed in the middle and back empty changes nothing about who gets the newsletter', async () => {
  const { id } = await draft()
  await scheduleNow(product, admin, id)
  await untilReceived(product, id, 150)
  await redis.stop()
  await sleep(1000)
  await redis.start()
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 600, unknown: 0 })
})

test('jobs added three times over, and jobs that name nothing of ours, change nothing', async () => {
  const queues = NAMES.map(name => [name, queueOf(name)] as const)
  const future = await draft()
  const input = scheduleInput(future, { sendAt: new Date(Date.now() + 3_600_000).toISOString() })
  await ok(product, SCHEDULE, { id: future.id, input }, { token: admin.token })
  const other = await draft()
  const before = await everything()
  const ids = [other.id, future.id].map(async id => (await newsletterOf(product, id)).id)
  const forged = [
    ...(await Promise.all(ids)),
    999_999,
    -1,
    0,
    1.5,
    '1',
    '1 OR 1=1',
    null,
    [1, 2],
    { id: 1 },
    2 ** 53,
  ]
  for (const [name, queue] of queues) {
    for (const value of forged)
      for (let n = 0; n < 3; n++)
        await queue.add(name, { newsletterId: value, noticeId: value, slot: n }, jobOptions)
    for (const data of [null, {}, [], 'newsletterId', { newsletterId: future.id }])
      await queue.add(name, data, jobOptions)
  }
  await Promise.all(queues.map(async ([, queue]) => expect(await drained(queue)).toBe(true)))
  expect(await everything()).toEqual(before)

  await scheduleNow(product, admin, other.id)
  const { id } = await newsletterOf(product, other.id)
  for (const [name, queue] of queues.filter(([one]) => one !== 'notice'))
    for (let n = 0; n < 6; n++) await queue.add(name, { newsletterId: id, slot: n }, jobOptions)
  await untilStatus(product, other.id, 'SENT')
  expect(await checkNewsletter(product, other.id)).toMatchObject({ sent: 600, unknown: 0 })
})

const opened: Queue[] = []
const queueOf = (name: JobName): Queue => {
  const queue = new Queue(name, { connection: { url: redis.url }, prefix: prefixOf(name) })
  opened.push(queue)
  return queue
}

async function drained(queue: Queue): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    const counts = await queue.getJobCounts('waiting', 'active')
    if (Object.values(counts).every(count => count === 0)) return true
    await sleep(50)
  }
  return false
}

/** Every row that a job could have touched. */
async function everything(): Promise<unknown> {
  const { manager } = product.connections.db
  const tables = [
    'newsletter',
    'delivery',
    'delivery_chunk',
    'delivery_range',
    'delivery_retry',
    'notice',
    'newsletter_rendition',
  ]
  return Promise.all(tables.map(table => select(manager, `SELECT * FROM ${table}`)))
}
