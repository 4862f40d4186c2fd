import { touchReader } from '../src/consent/readers'
import { withdraw } from '../src/consent/withdraw'
import { claimRange, releaseRange } from '../src/deliveries/claim'
import { settle } from '../src/deliveries/settle'
import { settleSent } from '../src/deliveries/settle-sent'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { DeliveryRange } from '../src/entities/delivery-range'
import { DeliveryRetry } from '../src/entities/delivery-retry'
import { closeWindow } from '../src/newsletters/close-window'
import { transaction } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
  scheduleNow,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, rowsOf, until, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'
import { startNewsletter } from './support/started'

const HOUR = 3_600_000
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()

let product: Product
let quiet: Product
let admin: Staff
let quietAdmin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ env: { LEASE_SECONDS: '1' } })
  quiet = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  quietAdmin = await makeStaff(quiet, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 3)
})
afterAll(async () => {
  await product?.stop()
  await quiet?.stop()
})

const token = () => ({ token: admin.token })
const draft = async (): Promise<AnyData> =>
  fetchNewsletter(product, admin, (await makeNewsletter(product, admin, topic.id)).id)
async function schedule(id: string, input: AnyData): Promise<AnyData> {
  const mutation = SCHEDULE.replace('schedule {', 'schedule { expiresAt')
  return (await ok(product, mutation, { id, input }, token())).newsletterSchedule
}
/** As if the moment had come. */
const expire = ({ connections: { db } }: Product, id: string): Promise<unknown> =>
  db.manager.query('UPDATE newsletter SET expires_at = UTC_TIMESTAMP(3) WHERE public_id = ?', [id])

describe('scheduling', () => {
  test('a newsletter can be given an end, which is shown, and goes when it is taken back to draft', async () => {
    const newsletter = await draft()
    const expiresAt = inMs(2 * HOUR)
    const input = scheduleInput(newsletter, { sendAt: inMs(HOUR), expiresAt })
    expect(await schedule(newsletter.id, input)).toMatchObject({
      newsletter: { status: 'SCHEDULED', schedule: { expiresAt } },
      userErrors: [],
    })
    const undo = 'mutation ($id: ID!) { newsletterUnschedule(id: $id) { userErrors { code } } }'
    await ok(product, undo, { id: newsletter.id }, token())
    expect((await newsletterOf(product, newsletter.id)).expiresAt).toBeNull()

    const again = scheduleInput(newsletter, { sendAt: inMs(HOUR), expiresAt: inMs(3 * HOUR) })
    const { newsletter: moved } = await schedule(newsletter.id, again)
    expect(moved.schedule.expiresAt).toBe(again.expiresAt)
  })

  test.each([
    ['before the start', HOUR, HOUR - 1],
    ['at the start', HOUR, HOUR],
    ['already over, with the start just past', -30_000, -1000],
    ['before the undo window ends', null, -1],
  ])('an end %s is refused and nothing is scheduled', async (_name, start, end) => {
    const newsletter = await draft()
    const now = Date.now()
    const at = (ms: number | null) => (ms === null ? null : new Date(now + ms).toISOString())
    const input = scheduleInput(newsletter, { sendAt: at(start), expiresAt: at(end) })
    expect((await schedule(newsletter.id, input)).userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'expiresAt'] },
    ])
    expect(await newsletterOf(product, newsletter.id)).toMatchObject({
      status: 'DRAFT',
      sendAt: null,
      expiresAt: null,
    })
  })
})

/** A newsletter whose messages the server has put off, five apart. */
async function waiting(slug: string): Promise<string> {
  const other = await makeTopic(product, admin, slug)
  const purposes = [`topic:${slug}`]
  await makeReaders(product, 12, { purposes, local: n => `450-rcpt.r${n}` })
  await makeReaders(product, 5, { purposes })
  const { id } = await makeNewsletter(product, admin, other.id)
  await scheduleNow(product, admin, id)
  const { id: newsletterId } = await newsletterOf(product, id)
  const { manager } = product.connections.db
  await until(async () => (await manager.countBy(DeliveryRetry, { newsletterId })) === 12, '12 retries')
  await until(() => messagesOf(product, id).length === 5, 'the others are sent')
  expect((await newsletterOf(product, id)).status).toBe('SENDING')
  return id
}

test('what still waits for a retry when the window closes is skipped as WINDOW_CLOSED, and the newsletter ends', async () => {
  const id = await waiting('waiting')
  await expire(product, id)
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5, skipped: 12 })
  const { report } = await fetchNewsletter(product, admin, id)
  expect(report.skipped).toEqual([{ reason: 'WINDOW_CLOSED', count: 12 }])
})

test('while the site is stopped the window closes all the same, and the newsletter is over', async () => {
  const id = await waiting('stopped')
  const site = (verb: string) =>
    ok(product, `mutation { ${verb}(reason: "drill") { accepted } }`, {}, token())
  await site('siteStop')
  await expire(product, id)
  await untilStatus(product, id, 'SENT')
  await site('siteStart')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5, skipped: 12 })
})

test('a paused newsletter stays paused when its window closes, and is over when it is resumed', async () => {
  const id = await waiting('paused')
  const mutate = (call: string) =>
    ok(product, `mutation ($id: ID!) { ${call}(id: $id) { alreadyPassed } }`, { id }, token())
  await mutate('newsletterPause')
  await expire(product, id)
  await until(async () => (await rowsOf(product, id)).every(row => row.status !== 'queued'), 'closed')
  expect((await newsletterOf(product, id)).status).toBe('PAUSED')
  await mutate('newsletterResume')
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5, skipped: 12 })
})

/** Started, expanded and one range claimed, in a product without a worker. */
async function started(slug: string, count: number) {
  const own = await makeTopic(quiet, quietAdmin, slug)
  const readers = await makeReaders(quiet, count, { purposes: [`topic:${slug}`] })
  return { readers, ...(await startNewsletter(quiet, quietAdmin, own.id)) }
}
const reasonsOf = async (publicId: string) => {
  const rows = await rowsOf(quiet, publicId)
  return rows.map(({ status, skipReason }) => (skipReason ? `${status} ${skipReason}` : status)).sort()
}

describe('closing the window', () => {
  test('leaves alone what has passed its gate, skips the rest under the hands of its holder, and can be repeated', async () => {
    const { readers, newsletter, claim, gate, row } = await started('held', 6)
    const { db } = quiet.connections
    const [first, second] = readers as [KnownReader, KnownReader]
    await gate(first.id)
    await gate(second.id)
    await closeWindow(db, newsletter.id)
    expect((await reasonsOf(newsletter.publicId)).filter(one => one === 'queued')).toHaveLength(4)

    await expire(quiet, newsletter.publicId)
    for (let n = 0; n < 3; n++) await closeWindow(db, newsletter.id)
    const skipped = Array.from({ length: 4 }, () => 'skipped WINDOW_CLOSED')
    expect(await reasonsOf(newsletter.publicId)).toEqual(['sending', 'sending', ...skipped])
    expect(await gate(readers[2]?.id ?? 0)).toMatchObject({ kind: 'refused' })
    await settleSent(quiet.connections.packets, [{ claim, readerId: first.id }])
    await transaction(db, tx => settle(tx, claim, second.id, { kind: 'deferred' }))
    expect((await row(second.id)).status).toBe('queued')
    await closeWindow(db, newsletter.id)
    expect(await reasonsOf(newsletter.publicId)).toEqual(['sent', ...skipped, 'skipped WINDOW_CLOSED'].sort())
    expect(await db.manager.countBy(DeliveryRetry, { newsletterId: newsletter.id })).toBe(0)
    await transaction(db, tx => releaseRange(tx, claim))
    expect(await transaction(db, tx => claimRange(tx, newsletter.id, 60_000))).toBeUndefined()
  })

  test('keeps a range open in which a dead worker left something past its gate', async () => {
    const { readers, newsletter, gate } = await started('dead', 4)
    const { db } = quiet.connections
    await gate(readers[0]?.id ?? 0)
    const dead = 'UPDATE delivery_range SET lease_until = UTC_TIMESTAMP(3) WHERE newsletter_id = ?'
    await db.manager.query(dead, [newsletter.id])
    await expire(quiet, newsletter.publicId)
    await closeWindow(db, newsletter.id)
    expect(await db.manager.findOneByOrFail(DeliveryRange, { newsletterId: newsletter.id })).toMatchObject({
      doneAt: null,
    })
    await transaction(db, tx => claimRange(tx, newsletter.id, 60_000))
    const skipped = Array.from({ length: 3 }, () => 'skipped WINDOW_CLOSED')
    expect(await reasonsOf(newsletter.publicId)).toEqual([...skipped, 'unknown'])
  })

  test('goes through all ranges, ends those nobody holds, and an earlier reason stays the reason', async () => {
    const { readers, newsletter } = await started('many', 1600)
    const { db } = quiet.connections
    const ids = readers.slice(0, 7).map(({ id }) => id)
    await db.manager.query("UPDATE reader SET paused_until = '2099-01-01' WHERE id IN (?)", [ids])
    await expire(quiet, newsletter.publicId)
    await closeWindow(db, newsletter.id)
    const reasons = await reasonsOf(newsletter.publicId)
    expect(reasons.filter(one => one === 'skipped PAUSED')).toHaveLength(7)
    expect(reasons.filter(one => one === 'skipped WINDOW_CLOSED')).toHaveLength(1593)
    const ranges = await db.manager.findBy(DeliveryRange, { newsletterId: newsletter.id })
    expect(ranges.filter(({ doneAt }) => doneAt === null)).toHaveLength(1)
  })

  test('waits for no reader, so that a withdrawal under way neither holds it up nor is held up', async () => {
    const { readers, newsletter, purposeId } = await started('free', 5)
    const { db } = quiet.connections
    const [reader] = readers as [KnownReader]
    await expire(quiet, newsletter.publicId)
    await transaction(db, async tx => {
      await touchReader(tx, reader.id)
      await closeWindow(db, newsletter.id)
      const how = { surface: ConsentSurface.ONE_CLICK_HEADER, method: ConsentMethod.ONE_CLICK }
      await withdraw(tx, { readerId: reader.id, scope: { purposeId }, ...how, newsletterId: null })
    })
    expect(await reasonsOf(newsletter.publicId)).not.toContain('queued')
  })
})
