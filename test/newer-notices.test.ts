// While an upgrade rolls out, workers of the old version meet mails that only the new one can write.
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { makeStaff, makeTopic, register, registerInput } from './support/actors'
import { dumpDatabase } from './support/dump'
import { waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const KIND = 'of-tomorrow'
/** More than a sweep takes at once, and older than whatever comes now. */
const MANY = 600

let product: Product

beforeAll(async () => {
  product = await startProduct({ worker: false, env: { LEASE_SECONDS: '1' } })
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
  const owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  const [[column]] = await owner.query<mysql.RowDataPacket[]>(
    `SELECT column_type AS type FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'notice' AND column_name = 'kind'`,
  )
  await owner.query(`ALTER TABLE notice MODIFY kind ${column?.type.replace(/\)$/, `,'${KIND}')`)} NOT NULL`)
  await owner.query(
    `INSERT INTO notice (public_id, kind, state, address_hash, locale, due_at, at, created_at)
     SELECT UUID(), ?, IF(seq % 2, 'queued', 'sending'), UNHEX(SHA2(seq, 256)), 'en',
       UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM seq_1_to_${MANY}`,
    [KIND],
  )
  await owner.end()
})
afterAll(async () => {
  await endWorkerProcesses()
  await product?.stop()
})

const newer = async () => (await dumpDatabase(product, 'notice')).notice?.filter(row => row.includes(KIND))

test('notices of a kind the worker does not know stay as they are, take nobody’s place, and do not make it look deaf', async () => {
  const before = await newer()
  expect(before).toHaveLength(MANY)
  const input = await registerInput(product, ['topic:weekly'])
  await register(product, input)
  // Only the sweep can find it now.
  await product.connections.redis.flushdb()

  const worker = startWorkerProcess(product, { WATCHDOG_SECONDS: '2' })
  await waitForMail(product, input.email)
  const ended = await Promise.race([worker.exited, sleep(3_500, 'goes on')])

  expect(ended).toBe('goes on')
  expect(await newer()).toEqual(before)
})
