import { resolve } from 'node:path'
import { Notice } from '../src/entities/notice'
import { makeStaff, makeTopic, type Staff } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { until } from './support/checker'
import { mailsTo } from './support/mail'
import { publishNext } from './support/policies'
import { type Product, startProduct } from './support/product'
import { allSettled } from './support/rows'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 120

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false, env: { LEASE_SECONDS: '1' } })
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

test('workers killed while readers are asked to renew, two at a time, ask everybody and nobody twice', async () => {
  const readers = await makeReaders(product, READERS)
  await publishNext(product, admin, { requiresReconsent: true })
  const faulty = (fault: string) =>
    startWorkerProcess(product, {
      NODE_OPTIONS: `--require ${resolve('test/support/step-faults.cjs')}`,
      STEP_FAULTS: fault,
    })
  for (const fault of ['renewals.after:1:kill', 'job.before-ack:20:kill'])
    expect(await faulty(fault).exited).toBe('SIGKILL')
  startWorkerProcess(product)
  startWorkerProcess(product)

  const { manager } = product.connections.db
  await until(async () => (await manager.countBy(Notice, { kind: 'renewal' })) === READERS, 'all are asked')
  const notices = await allSettled(product)
  const mails = readers.map(({ email }) => mailsTo(product, email).length)
  expect(Math.max(...mails)).toBe(1)
  // What may have been on its way when a worker was killed is not sent again by itself.
  const unknown = notices.filter(({ state }) => state === 'unknown').length
  expect(mails.filter(count => count === 0).length).toBeLessThanOrEqual(unknown)
  expect(unknown).toBeLessThanOrEqual(10)
  expect(await manager.countBy(Notice, { kind: 'renewal' })).toBe(READERS)
})
