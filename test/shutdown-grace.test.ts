import { makeNewsletter, makeStaff, makeTopic, scheduleNow } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, untilReceived, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const GRACE = 2

let product: Product

beforeAll(async () => {
  product = await startProduct({
    worker: false,
    env: { SMTP_CONNECTIONS: '2', SHUTDOWN_GRACE: String(GRACE), LEASE_SECONDS: '1' },
  })
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
})

test('a server that never answers keeps a worker no longer than its grace, also when asked to stop twice', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 1, { local: () => 'silent-after-dot.reader' })
  const { id } = await makeNewsletter(product, admin, topic.id)
  const worker = startWorkerProcess(product)
  await scheduleNow(product, admin, id)
  await untilReceived(product, id, 1)
  const askedAt = performance.now()
  void worker.end('SIGTERM')
  expect(await worker.end('SIGTERM')).toBe(1)
  const seconds = (performance.now() - askedAt) / 1000
  expect(seconds).toBeGreaterThan(GRACE * 0.9)
  expect(seconds).toBeLessThan(GRACE + 8)

  startWorkerProcess(product)
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 0, unknown: 1 })
})
