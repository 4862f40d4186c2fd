import { randomBytes } from 'node:crypto'
import { transaction, write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, register, registerInput, scheduleNow } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { until } from './support/checker'
import { mailsTo, parseMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

let product: Product

beforeAll(async () => {
  // Nothing here is about leases: a busy machine must not lose one.
  product = await startProduct({ worker: false, env: { LEASE_SECONDS: '30' } })
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
})

const rotatedKeys = () => `9:${randomBytes(32).toString('base64')},${product.env.SECRET_KEYS}`

/** The first try by a worker with the old key, which the server refuses for now, and the second by one with a new key. */
async function triedTwice(address: string, makeDue: string) {
  const { db } = product.connections
  const old = startWorkerProcess(product)
  await until(async () => (await transaction(db, tx => write(tx, makeDue))) === 1, 'a row that waits')
  await old.end('SIGTERM')
  const rotated = startWorkerProcess(product, { SECRET_KEYS: rotatedKeys() })
  await until(() => mailsTo(product, address).length === 1, 'the mail')
  await rotated.end('SIGTERM')
  const tries = product.sink.received.filter(({ to }) => to.includes(address))
  return Promise.all(tries.map(parseMail))
}

test('a newsletter tried again after a rotation keeps its Message-ID and its links', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  const [reader] = await makeReaders(product, 1, { local: () => '450x1-dot.r' })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)

  const [first, second, ...more] = await triedTwice(
    reader?.email ?? '',
    'UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)',
  )

  expect(more).toEqual([])
  for (const name of ['message-id', 'list-unsubscribe'])
    expect(second?.headers.get(name)).toBe(first?.headers.get(name))
  expect(first?.headers.get('message-id')).toMatch(/^<[a-z2-7]{53}@/)
})

test('a confirmation mail tried again after a rotation keeps its Message-ID and its link', async () => {
  const input = await registerInput(product, ['topic:weekly'], {
    email: `450x1-dot.${randomBytes(4).toString('hex')}@example.org`,
  })
  await register(product, input)

  const [first, second, ...more] = await triedTwice(
    input.email,
    "UPDATE notice SET due_at = UTC_TIMESTAMP(3) WHERE state = 'queued' AND attempts > 0",
  )

  expect(more).toEqual([])
  expect(second?.headers.get('message-id')).toBe(first?.headers.get('message-id'))
  expect(second?.text).toBe(first?.text)
  expect(first?.text).toMatch(/\/c\/[a-z2-7]{53}/)
})
