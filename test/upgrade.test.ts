import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm'
import { createDataSource } from '../src/database/data-source'
import { makeNewsletter, makeStaff, makeTopic, scheduleNow } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, untilReceived, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 200

/** What the next version may do while this one runs: only add. */
class AddedByTheNextVersion1999999999999 implements MigrationInterface {
  name = 'AddedByTheNextVersion1999999999999'
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE delivery ADD COLUMN added int NULL')
    await runner.query('ALTER TABLE reader ADD COLUMN added int NOT NULL DEFAULT 0, ADD INDEX (added)')
    await runner.query('ALTER TABLE delivery_range ADD COLUMN added int NULL')
    await runner.query('CREATE TABLE added (id int PRIMARY KEY)')
  }
  async down(): Promise<void> {}
}

let product: Product

beforeAll(async () => {
  product = await startProduct({ worker: false, sink: { delayMs: 5 } })
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

async function migrateFurther(): Promise<void> {
  const { options } = createDataSource(product.config.databaseMigrationUrl, { connections: 1 })
  const migrations = [...(options.migrations as []), AddedByTheNextVersion1999999999999]
  const db = await new DataSource({ ...options, migrations }).initialize()
  try {
    expect(await db.runMigrations()).toHaveLength(1)
  } finally {
    await db.destroy()
  }
}

const start = (name: 'api' | 'worker') =>
  spawnSync(process.execPath, [resolve(`dist/${name}/main.js`)], {
    env: { PATH: process.env.PATH, ...product.env },
    encoding: 'utf8',
    timeout: 30_000,
  })

test('migrations of the next version run during a send: everybody gets it once, and this version starts no more', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, READERS)
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  startWorkerProcess(product)
  await untilReceived(product, id, 40)
  await migrateFurther()
  expect(messagesOf(product, id).length).toBeLessThan(READERS)

  for (const name of ['api', 'worker'] as const) {
    const { status, stderr } = start(name)
    expect([status, stderr]).toEqual([1, expect.stringContaining('migrated by a newer version')])
    expect(stderr).toContain('AddedByTheNextVersion1999999999999')
  }
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
})
