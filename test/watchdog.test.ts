import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { type JobName, prefixOf } from '../src/jobs/queues'
import { expand } from '../src/newsletters/expand'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  scheduleNow,
} from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, newsletterOf, untilReceived, untilStatus } from './support/checker'
import { waitForMail } from './support/mail'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess, type WorkerProcess } from './support/worker-process'

const WINDOW = { WATCHDOG_SECONDS: '2' }
const NAMES: readonly JobName[] = ['notice', 'expand', 'deliver']

let redis: PrivateRedis
let product: Product
let admin: Staff

beforeAll(async () => {
  redis = await createPrivateRedis()
  await redis.start()
  product = await startProduct({
    worker: false,
    sink: { delayMs: 20 },
    env: { REDIS_URL: redis.url, LEASE_SECONDS: '1', SMTP_CONNECTIONS: '2' },
  })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(() => endWorkerProcesses())
afterAll(async () => {
  await product?.stop()
  await redis?.stop()
})

async function scheduled(slug: string, readers: number): Promise<string> {
  const topic = await makeTopic(product, admin, slug)
  await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return id
}

/** Started and expanded, with nobody at work on it. */
async function due(slug: string): Promise<string> {
  const id = await scheduled(slug, 20)
  await expand(product.connections.db, (await newsletterOf(product, id)).id, product.config)
  return id
}

/** A paused queue hands out no job, whoever listens: what a connection that went deaf looks like to its worker. */
async function deafen(isDeaf: boolean): Promise<void> {
  for (const name of NAMES) {
    const queue = new Queue(name, { connection: { url: redis.url }, prefix: prefixOf(name) })
    await (isDeaf ? queue.pause() : queue.resume())
    await queue.close()
  }
}

const stays = async (worker: WorkerProcess, ms: number): Promise<boolean> =>
  (await Promise.race([worker.exited, sleep(ms, 'stays')])) === 'stays'

test('a worker that no job reaches although there is due work ends with 1, and the next one sends it', async () => {
  await makeTopic(product, admin, 'deaf')
  await deafen(true)
  const input = await registerInput(product, ['topic:deaf'])
  expect((await register(product, input)).accepted).toBe(true)
  const worker = startWorkerProcess(product, WINDOW)
  expect(await Promise.race([worker.exited, sleep(30_000, 'stays')])).toBe(1)
  expect(product.sink.received).toEqual([])
  await deafen(false)
  startWorkerProcess(product)
  await waitForMail(product, input.email)
})

test('a newsletter is delivered also by a worker that no job reaches: it looks for itself', async () => {
  const id = await due('unwoken')
  await deafen(true)
  startWorkerProcess(product)
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 20 })
  await deafen(false)
})

test('a worker with nothing to do stays, and so does one with due work while Redis is away', async () => {
  const worker = startWorkerProcess(product, WINDOW)
  expect(await stays(worker, 6000)).toBe(true)
  await redis.stop()
  await due('away')
  expect(await stays(worker, 6000)).toBe(true)
  await redis.start()
})

test('a worker with due work on a stopped site stays', async () => {
  await due('stopped')
  await product.connections.db.query("UPDATE site SET stopped_at = UTC_TIMESTAMP(3), stop_reason = 'drill'")
  await deafen(true)
  expect(await stays(startWorkerProcess(product, WINDOW), 6000)).toBe(true)
  await deafen(false)
  await product.connections.db.query('UPDATE site SET stopped_at = NULL')
})

test('workers that are busy or wait for a busy one stay', async () => {
  const id = await scheduled('busy', 200)
  // Longer than a loaded machine takes to start a worker, shorter than the newsletter takes.
  const env = { WATCHDOG_SECONDS: '5' }
  const workers = [startWorkerProcess(product, env), startWorkerProcess(product, env)]
  await untilReceived(product, id, 10)
  await untilStatus(product, id, 'SENT')
  expect(await Promise.all(workers.map(worker => stays(worker, 10)))).toEqual([true, true])
})
