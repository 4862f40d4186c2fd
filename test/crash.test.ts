import { setTimeout as sleep } from 'node:timers/promises'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import type { AnyData } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, rowsOf, until, untilReceived, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

// Two workers on one newsletter, and SIGTERM: torture.test.ts.
const CONNECTIONS = 10

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({
    worker: false,
    sink: { delayMs: 6 },
    env: { LEASE_SECONDS: '1', SMTP_CONNECTIONS: String(CONNECTIONS) },
  })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

/** A newsletter of a topic of its own, due now. */
async function scheduled(slug: string, readers: number): Promise<AnyData> {
  const topic = await makeTopic(product, admin, slug)
  await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return id
}

const unknownCount = async (id: string): Promise<number> =>
  (await rowsOf(product, id)).filter(row => row.status === 'unknown').length

test('workers killed again and again lose no reader, send nobody twice and leave at most one unknown per connection', async () => {
  const id = await scheduled('killed', 1200)
  const kills = [200, 500, 900]
  for (const count of kills) {
    const worker = startWorkerProcess(product)
    await untilReceived(product, id, count)
    expect(await worker.end('SIGKILL')).toBe('SIGKILL')
  }
  startWorkerProcess(product)
  await untilStatus(product, id, 'SENT')
  const counts = await checkNewsletter(product, id)
  expect(counts.sent + counts.unknown).toBe(1200)
  expect(counts.unknown).toBeLessThanOrEqual(kills.length * CONNECTIONS)
})

test('also with several newsletters in turn on each connection a killed worker leaves at most one unknown per connection', async () => {
  const ids: string[] = []
  for (const slug of ['turn-a', 'turn-b', 'turn-c', 'turn-d']) ids.push(await scheduled(slug, 60))
  const received = () => ids.reduce((sum, id) => sum + messagesOf(product, id).length, 0)
  const kills = [30, 80, 130, 180]
  for (const count of kills) {
    const worker = startWorkerProcess(product, { SMTP_CONNECTIONS: '2' })
    await until(() => received() >= count, `${count} messages`)
    expect(await worker.end('SIGKILL')).toBe('SIGKILL')
  }
  startWorkerProcess(product)
  let unknown = 0
  for (const id of ids) {
    await untilStatus(product, id, 'SENT')
    unknown += (await checkNewsletter(product, id)).unknown
  }
  expect(unknown).toBeLessThanOrEqual(kills.length * 2)
})

test('a worker frozen for longer than its lease sends nobody a second time when it wakes up', async () => {
  const id = await scheduled('frozen', 600)
  const zombie = startWorkerProcess(product)
  await untilReceived(product, id, 100)
  zombie.freeze()
  const before = messagesOf(product, id).length
  startWorkerProcess(product)
  // The other one has taken over what the frozen one held.
  await until(() => messagesOf(product, id).length > before + 200, 'the other worker takes over')
  zombie.thaw()
  await untilStatus(product, id, 'SENT')
  await sleep(500)
  const counts = await checkNewsletter(product, id)
  expect(counts.sent + counts.unknown).toBe(600)
  expect(await unknownCount(id)).toBeLessThanOrEqual(CONNECTIONS)
})
