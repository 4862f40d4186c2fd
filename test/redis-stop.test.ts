import { setTimeout as sleep } from 'node:timers/promises'
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
import { checkNewsletter, messagesOf, until, untilReceived, untilStatus } from './support/checker'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 100
const GRACE = 20

let redis: PrivateRedis
let product: Product
let admin: Staff
let topicId: string

beforeAll(async () => {
  redis = await createPrivateRedis()
  await redis.start()
  product = await startProduct({
    worker: false,
    sink: { delayMs: 20 },
    env: { REDIS_URL: redis.url, LEASE_SECONDS: '3', SHUTDOWN_GRACE: String(GRACE), SMTP_CONNECTIONS: '4' },
  })
  admin = await makeStaff(product, 'ADMIN')
  topicId = (await makeTopic(product, admin, 'weekly')).id
  await makeReaders(product, READERS)
})
afterEach(() => endWorkerProcesses())
afterAll(async () => {
  await product?.stop()
  await redis?.stop()
})

/** A worker in the middle of a newsletter. */
async function busy() {
  const { id } = await makeNewsletter(product, admin, topicId)
  await scheduleNow(product, admin, id)
  const worker = startWorkerProcess(product)
  await untilReceived(product, id, 10)
  return { id, worker }
}

const outages: [name: string, begin: () => Promise<void>, end: () => Promise<void>][] = [
  ['away', () => redis.stop(), () => redis.start()],
  [
    'back for a moment',
    () =>
      redis
        .stop()
        .then(() => sleep(500))
        .then(() => redis.start()),
    async () => {},
  ],
  ['frozen', async () => redis.freeze(), async () => redis.thaw()],
]

test.each(outages)(
  'SIGTERM while Redis is %s: the worker ends what is under way and exits with 0, and the next one goes on',
  async (_name, begin, end) => {
    const { id, worker } = await busy()
    await begin()
    const askedAt = performance.now()
    try {
      expect(await worker.end('SIGTERM')).toBe(0)
      expect(performance.now() - askedAt).toBeLessThan((GRACE / 2) * 1000)
      expect(messagesOf(product, id).length).toBeLessThan(READERS)
    } finally {
      await end()
    }
    startWorkerProcess(product)
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  },
)

test('a Redis that hangs keeps nobody waiting at the API: what may cause mail is refused until it is back', async () => {
  const input = await registerInput(product, ['topic:weekly'])
  redis.freeze()
  const askedAt = performance.now()
  try {
    await expect(register(product, input)).rejects.toThrow('UNAVAILABLE')
    expect(performance.now() - askedAt).toBeLessThan(4000)
  } finally {
    redis.thaw()
  }
  await until(async () => (await fetch(`${product.url}/readyz`)).ok, 'Redis is back')
})
