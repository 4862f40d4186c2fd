import { makeNewsletter, makeStaff, makeTopic, scheduleNow } from './support/actors'
import { ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, newsletterOf, rowsOf, until, untilReceived, untilStatus } from './support/checker'
import { type Product, startProduct, sweeps } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 120
const RIGHT = 'correct horse'

let product: Product

beforeAll(async () => {
  product = await startProduct({
    worker: false,
    sink: { delayMs: 20, credentials: { user: 'news', password: RIGHT } },
    env: { SMTP_CONNECTIONS: '3' },
  })
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
})

test('a password changed in the middle pauses the newsletter once, says so, and costs no reader anything', async () => {
  const { sink } = product
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, READERS)
  const { id } = await makeNewsletter(product, admin, topic.id)
  const worker = startWorkerProcess(product, { LOG_LEVEL: 'info' })
  await scheduleNow(product, admin, id)
  await untilReceived(product, id, 10)
  sink.setPassword('another')
  sink.hangUp()
  await untilStatus(product, id, 'PAUSED')
  await until(() => worker.log().includes('the newsletter is paused'), 'the alert')
  await sweeps(3)
  expect((await newsletterOf(product, id)).pauseReason).toBe('AUTH')
  expect(worker.log().split('the newsletter is paused')).toHaveLength(2)
  const states = new Set((await rowsOf(product, id)).map(({ status }) => status))
  expect([...states].filter(status => !['queued', 'sent', 'unknown'].includes(status))).toEqual([])

  sink.setPassword(RIGHT)
  await ok(
    product,
    'mutation ($id: ID!) { newsletterResume(id: $id) { userErrors { code } } }',
    { id },
    { token: admin.token },
  )
  // One that was cut off in its body waits for its next try, a quarter of an hour later.
  const dueNow = 'UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE due_at > UTC_TIMESTAMP(3)'
  await until(async () => {
    await product.connections.db.query(dueNow)
    return (await newsletterOf(product, id)).status === 'SENT'
  }, 'status SENT')
  const { sent, unknown, failed } = await checkNewsletter(product, id)
  // Only what was past its gate when the server hung up is not known.
  expect({ all: sent + unknown, failed }).toEqual({ all: READERS, failed: 0 })
  expect(unknown).toBeLessThanOrEqual(3)
})
