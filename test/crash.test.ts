import { select } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import type { AnyData } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, until, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

// One newsletter, frozen workers, and SIGTERM: torture.test.ts.
const CONNECTIONS = 2

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

test('with several newsletters in turn on each connection a killed worker leaves at most one unknown per connection', async () => {
  const ids: string[] = []
  for (const slug of ['turn-a', 'turn-b', 'turn-c', 'turn-d']) ids.push(await scheduled(slug, 60))
  const received = () => ids.reduce((sum, id) => sum + messagesOf(product, id).length, 0)
  const kills = [30, 80, 130]
  for (const count of kills) {
    const worker = startWorkerProcess(product)
    await until(() => received() >= count, `${count} messages`)
    expect(await worker.end('SIGKILL')).toBe('SIGKILL')
  }
  startWorkerProcess(product)
  let unknown = 0
  for (const id of ids) {
    await untilStatus(product, id, 'SENT')
    unknown += (await checkNewsletter(product, id)).unknown
  }
  expect(unknown).toBeLessThanOrEqual(kills.length * CONNECTIONS)
})

test('workers with nothing to do begin a newsletter together, long before their next sweep', async () => {
  const env = { SWEEP_SECONDS: '60', LOG_LEVEL: 'info' }
  const workers = [startWorkerProcess(product, env), startWorkerProcess(product, env)]
  for (const worker of workers) await until(() => worker.log().includes('worker started'), 'a worker')
  const { id } = await newsletterOf(product, await scheduled('shared', 2_600))
  // One worker alone holds four at most.
  await until(async () => (await rangesHeld(id)) > 4, 'ranges in the hands of both')
})

async function rangesHeld(newsletterId: number): Promise<number> {
  const [row] = await select<{ held: string }>(
    product.connections.db.manager,
    'SELECT COUNT(*) AS held FROM delivery_range WHERE newsletter_id = ? AND lease_until > UTC_TIMESTAMP(3)',
    [newsletterId],
  )
  return Number(row?.held)
}
