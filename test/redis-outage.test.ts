import { setTimeout as sleep } from 'node:timers/promises'
import { makeNewsletter, makeStaff, makeTopic, scheduleNow } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, until, untilReceived, untilStatus } from './support/checker'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 120
const SAID = 'Redis does not answer: nothing is sent until it does'

let redis: PrivateRedis
let product: Product

beforeAll(async () => {
  redis = await createPrivateRedis()
  await redis.start()
  product = await startProduct({
    worker: false,
    sink: { delayMs: 20 },
    env: { REDIS_URL: redis.url, SMTP_CONNECTIONS: '4' },
  })
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
  redis?.thaw()
  await redis?.stop()
})

test.each([
  ['gone', () => redis.stop(), () => redis.start()],
  ['silent', async () => redis.freeze(), async () => redis.thaw()],
] as const)(
  'while Redis is %s no message begins, which is said once; afterwards all go on by themselves',
  async (kind, leave, comeBack) => {
    const admin = await makeStaff(product, 'ADMIN')
    const topic = await makeTopic(product, admin, kind)
    await makeReaders(product, READERS, { purposes: [`topic:${kind}`] })
    const { id } = await makeNewsletter(product, admin, topic.id)
    const worker = startWorkerProcess(product, { LOG_LEVEL: 'info' })
    await scheduleNow(product, admin, id)
    await untilReceived(product, id, 20)
    await leave()
    await until(() => worker.log().includes(SAID), 'the alert')
    // What had begun has ended by then.
    await sleep(1000)
    const received = messagesOf(product, id).length
    expect(received).toBeLessThan(READERS)
    await sleep(1500)
    expect(messagesOf(product, id)).toHaveLength(received)
    await comeBack()
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
    expect(worker.log().split(SAID)).toHaveLength(2)
    await worker.end('SIGTERM')
  },
)
