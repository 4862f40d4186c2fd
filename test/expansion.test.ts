// How a newsletter's rows come into being when there are more readers than fit into one transaction.
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { audienceSql, skipReasonSql } from '../src/consent/skip-reason'
import { createRanges } from '../src/deliveries/create-ranges'
import { DeliveryChunk } from '../src/entities/delivery-chunk'
import { DeliveryRange } from '../src/entities/delivery-range'
import { Topic } from '../src/entities/topic'
import { expand } from '../src/newsletters/expand'
import { select, transaction, write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { newsletterOf, until } from './support/checker'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

/** Two chunks of 10,000 and a rest that is more than one range. */
const READERS = 20_700
const RANGE_SIZE = 500

let product: Product
let admin: Staff
let topic: AnyData
let purposeId: number
let paused: number

beforeAll(async () => {
  // Nobody listens there: rows are made, nothing goes out.
  product = await startProduct({ worker: false, env: { SMTP_URL: 'smtp://127.0.0.1:9' } })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  const { manager } = product.connections.db
  purposeId = (await manager.findOneByOrFail(Topic, { slug: 'weekly' })).purposeId
  await makeReaders(product, READERS)
  const pause = 'UPDATE reader SET paused_until = UTC_TIMESTAMP(3) + INTERVAL 1 DAY WHERE id % 10 = 0'
  paused = await write(manager, pause)
}, 180_000)
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

async function scheduled(): Promise<string> {
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return id
}

async function cancel(publicId: string): Promise<void> {
  const { newsletterCancel } = await ok(
    product,
    `mutation ($id: ID!) { newsletterCancel(id: $id, reason: "A mistake") { userErrors { code } } }`,
    { id: publicId },
    { token: admin.token },
  )
  expect(newsletterCancel.userErrors).toEqual([])
}

/** A worker that is killed when all chunks are planned, or right after the commit of its first one. */
const killedAt = (step: 'expand.planned' | 'expand.middle') =>
  startWorkerProcess(product, {
    STEP_FAULTS: `${step}:1:kill`,
    NODE_OPTIONS: `--require ${resolve('test/support/step-faults.cjs')}`,
  }).exited

const isExpanded = async (publicId: string): Promise<boolean> =>
  (await newsletterOf(product, publicId)).expandedAt !== null

const chunksOf = (newsletterId: number): Promise<number> =>
  product.connections.db.manager.countBy(DeliveryChunk, { newsletterId })

/** How many rows there are of each kind. */
async function countRows(newsletterId: number): Promise<Record<string, number>> {
  const rows = await select<{ kind: string; count: number }>(
    product.connections.db.manager,
    `SELECT COALESCE(skip_reason, status) AS kind, COUNT(*) AS count FROM delivery
     WHERE newsletter_id = ? GROUP BY kind`,
    [newsletterId],
  )
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]))
}

/** One row for each reader who had said yes, each in exactly one range, no range too long, nothing left to do. */
async function expectWhole(newsletterId: number): Promise<void> {
  const { manager } = product.connections.db
  const rows = await select<{ id: number }>(
    manager,
    'SELECT reader_id AS id FROM delivery WHERE newsletter_id = ? ORDER BY reader_id',
    [newsletterId],
  )
  const owed = await select<{ id: number }>(
    manager,
    `SELECT c.reader_id AS id FROM consent c JOIN newsletter n ON n.id = ? AND c.given_at <= n.started_at
     WHERE c.purpose_id = ? ORDER BY c.reader_id`,
    [newsletterId, purposeId],
  )
  expect(rows.map(({ id }) => id)).toEqual(owed.map(({ id }) => id))
  expect(await chunksOf(newsletterId)).toBe(0)
  const ranges = await manager.find(DeliveryRange, {
    where: { newsletterId },
    order: { fromReaderId: 'ASC' },
  })
  let seen = 0
  for (const { fromReaderId, toReaderId } of ranges) {
    const inside = rows.slice(seen, seen + RANGE_SIZE + 1).filter(({ id }) => id <= toReaderId)
    expect(inside[0]?.id).toBe(fromReaderId)
    expect(inside.at(-1)?.id).toBe(toReaderId)
    expect(inside.length).toBeLessThanOrEqual(RANGE_SIZE)
    seen += inside.length
  }
  expect(seen).toBe(rows.length)
  expect(ranges.length).toBe(Math.ceil(READERS / RANGE_SIZE))
}

test('a worker killed between two chunks leaves the others to the next workers: everybody has one row', async () => {
  const publicId = await scheduled()
  expect(await killedAt('expand.middle')).toBe('SIGKILL')
  const { id, expandedAt } = await newsletterOf(product, publicId)
  expect(expandedAt).toBeNull()
  expect(await chunksOf(id)).toBeGreaterThan(0)
  const [newcomer] = await makeReaders(product, 1)
  await product.connections.db.manager.query(
    'UPDATE consent SET given_at = UTC_TIMESTAMP(3) WHERE reader_id = ?',
    [newcomer?.id],
  )
  for (const _ of ['one', 'another']) startWorkerProcess(product)
  await until(() => isExpanded(publicId), 'all rows')
  await expectWhole(id)
  expect(await countRows(id)).toEqual({ PAUSED: paused, queued: READERS - paused })
})

test('several expansions of one newsletter at the same time share the work, and one more adds nothing', async () => {
  const { id } = await newsletterOf(product, await scheduled())
  const { db } = product.connections
  const answers = await Promise.all(['one', 'two', 'three'].map(() => expand(db, id, product.config)))
  expect(answers).toContain(true)
  await expectWhole(id)
  const before = await select(db.manager, 'SELECT * FROM delivery_range WHERE newsletter_id = ?', [id])
  expect(await expand(db, id, product.config)).toBe(true)
  expect(await select(db.manager, 'SELECT * FROM delivery_range WHERE newsletter_id = ?', [id])).toEqual(
    before,
  )
  await expectWhole(id)
})

test('a newsletter cancelled between two chunks gets the other rows all the same, and none of them is queued', async () => {
  const publicId = await scheduled()
  expect(await killedAt('expand.middle')).toBe('SIGKILL')
  await cancel(publicId)
  const { id } = await newsletterOf(product, publicId)
  expect(await chunksOf(id)).toBeGreaterThan(0)
  startWorkerProcess(product)
  await until(async () => (await newsletterOf(product, publicId)).finishedAt !== null, 'its end')
  await expectWhole(id)
  expect(Object.keys(await countRows(id)).sort()).toEqual(['PAUSED', 'cancelled'])
})

test('a cancel that comes while rows are made waits for them, and none of them stays queued', async () => {
  const publicId = await scheduled()
  expect(await killedAt('expand.planned')).toBe('SIGKILL')
  const { id, startedAt } = await newsletterOf(product, publicId)
  const { db } = product.connections
  const audience = {
    purposeId,
    condition: audienceSql,
    parameters: [startedAt, startedAt],
    skipReason: skipReasonSql,
  }
  let isCancelled = false
  const cancelled = await transaction(db, async tx => {
    expect(await createRanges(tx, id, audience)).toBe(true)
    const answer = cancel(publicId).then(() => {
      isCancelled = true
    })
    await sleep(300)
    expect(isCancelled).toBe(false)
    return { answer }
  })
  await cancelled.answer
  expect(Object.keys(await countRows(id)).sort()).toEqual(['PAUSED', 'cancelled'])
})
