import { setTimeout as sleep } from 'node:timers/promises'
import { expand } from '../src/newsletters/expand'
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
import { makeReaders, unsubscribeToken } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, until, untilStatus } from './support/checker'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct, sweeps } from './support/product'
import { startNewsletter } from './support/started'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 5)
})
afterAll(() => product?.stop())

const PROGRESS = `query ($id: ID!) { newsletter(id: $id) {
  status progress { status total pauseReason pauseDetail startedAt } } }`
const progressOf = async (on: Product, staff: Staff, id: string): Promise<AnyData> =>
  (await ok(on, PROGRESS, { id }, { token: staff.token })).newsletter
const site = (verb: string): Promise<AnyData> =>
  ok(product, `mutation { ${verb}(reason: "a drill") { accepted } }`, {}, { token: admin.token })
/** As if it had been due that long ago. */
const dueSince = (id: string, minutes: number): Promise<unknown> =>
  product.connections.db.manager.query(
    'UPDATE newsletter SET send_at = UTC_TIMESTAMP(3) - INTERVAL ? MINUTE WHERE public_id = ?',
    [minutes, id],
  )

describe('a newsletter that comes due while the site is stopped', () => {
  beforeEach(() => site('siteStop'))
  afterEach(() => site('siteStart'))

  const due = async (): Promise<string> => {
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    return id
  }

  test('stays scheduled, says why, and starts when the site does', async () => {
    const id = await due()
    const { id: key } = await newsletterOf(product, id)
    for (let n = 0; n < 3; n++) await product.connections.enqueue.expand(key)
    expect(await expand(product.connections.db, key, product.config)).toBe(false)
    await sweeps(2)
    expect(await newsletterOf(product, id)).toMatchObject({ status: 'SCHEDULED', startedAt: null })
    expect(await progressOf(product, admin, id)).toEqual({
      status: 'SCHEDULED',
      progress: {
        status: 'SCHEDULED',
        total: 0,
        pauseReason: 'SITE_STOPPED',
        pauseDetail: 'a drill',
        startedAt: null,
      },
    })
    await site('siteStart')
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5, skipped: 0 })
  })

  test('waits for a person as PAUSED (LATE) when the stop lasted more than two hours', async () => {
    const id = await due()
    await dueSince(id, 121)
    await sweeps(2)
    expect((await newsletterOf(product, id)).status).toBe('SCHEDULED')
    await site('siteStart')
    await untilStatus(product, id, 'PAUSED')
    expect((await progressOf(product, admin, id)).progress).toMatchObject({
      status: 'PAUSED',
      pauseReason: 'LATE',
      total: 0,
    })
    await sweeps(2)
    expect(messagesOf(product, id)).toEqual([])
    await ok(
      product,
      'mutation ($id: ID!) { newsletterResume(id: $id) { userErrors { code } } }',
      { id },
      { token: admin.token },
    )
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5 })
  })

  test('starts by itself when it is less than two hours late', async () => {
    const id = await due()
    await dueSince(id, 118)
    await site('siteStart')
    await untilStatus(product, id, 'SENT')
  })

  test('can still be taken back or cancelled', async () => {
    const token = { token: admin.token }
    const [one, other] = [await due(), await due()]
    const undo = 'mutation ($id: ID!) { newsletterUnschedule(id: $id) { newsletter { status } } }'
    expect((await ok(product, undo, { id: one }, token)).newsletterUnschedule.newsletter.status).toBe('DRAFT')
    const stop = 'mutation ($id: ID!) { newsletterCancel(id: $id, reason: "x") { newsletter { status } } }'
    const { newsletterCancel } = await ok(product, stop, { id: other }, token)
    expect(newsletterCancel.newsletter.status).toBe('CANCELLED')
  })
})

test('a start and a stop of the site exclude each other: after the stop has answered nothing starts', async () => {
  for (let n = 0; n < 3; n++) {
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    await sleep(n * 20)
    await site('siteStop')
    const atAnswer = await newsletterOf(product, id)
    await sweeps(2)
    expect((await newsletterOf(product, id)).startedAt).toEqual(atAnswer.startedAt)
    await site('siteStart')
    await untilStatus(product, id, 'SENT')
  }
})

test('what is not due yet has no progress, and no reason to wait', async () => {
  const { id } = await makeNewsletter(product, admin, topic.id)
  expect((await progressOf(product, admin, id)).progress).toBeNull()
  const newsletter = await fetchNewsletter(product, admin, id)
  const input = scheduleInput(newsletter, { sendAt: new Date(Date.now() + 3_600_000).toISOString() })
  await ok(product, SCHEDULE, { id, input }, { token: admin.token })
  expect(await progressOf(product, admin, id)).toEqual({ status: 'SCHEDULED', progress: null })
})

describe('while Redis is away', () => {
  let redis: PrivateRedis
  let other: Product
  let staff: Staff

  beforeAll(async () => {
    redis = await createPrivateRedis()
    await redis.start()
    other = await startProduct({ worker: false, env: { REDIS_URL: redis.url } })
    staff = await makeStaff(other, 'ADMIN')
  })
  afterAll(async () => {
    await other?.stop()
    await redis?.stop()
  })

  const ready = async (): Promise<AnyData> => {
    const response = await fetch(`${other.url}/readyz`)
    return { http: response.status, ...((await response.json()) as object) }
  }
  const READY = { http: 200, status: 'ready', checks: { database: true, redis: true, released: true } }
  const DEGRADED = { http: 200, status: 'degraded', checks: { database: true, redis: false, released: true } }

  test('progress says REDIS_AWAY and leaves the status, a stop of the site comes first, withdrawals go on, and it ends by itself', async () => {
    const own = await makeTopic(other, staff, 'weekly')
    const [reader] = await makeReaders(other, 3)
    if (!reader) throw new Error('No reader')
    const { newsletter } = await startNewsletter(other, staff, own.id)
    const id = newsletter.publicId
    const reason = async () => (await progressOf(other, staff, id)).progress.pauseReason
    const stop = (verb: string) =>
      ok(other, `mutation { ${verb}(reason: "x") { accepted } }`, {}, { token: staff.token })
    expect([await reason(), await ready()]).toEqual([null, READY])

    await redis.stop()
    await until(async () => (await reason()) === 'REDIS_AWAY', 'REDIS_AWAY')
    expect((await progressOf(other, staff, id)).status).toBe('SENDING')
    expect(await ready()).toEqual(DEGRADED)
    await stop('siteStop')
    expect(await reason()).toBe('SITE_STOPPED')
    await stop('siteStart')
    expect(await reason()).toBe('REDIS_AWAY')
    const token = await unsubscribeToken(other, id, reader)
    const askedAt = Date.now()
    expect((await fetch(`${other.url}/u/${token}`, { method: 'POST' })).status).toBe(200)
    expect(Date.now() - askedAt).toBeLessThan(500)

    await redis.start()
    await until(async () => (await reason()) === null, 'Redis is back')
    expect(await ready()).toEqual(READY)
  })

  test('one that hangs instead of refusing counts as away, and nobody waits for it', async () => {
    redis.freeze()
    try {
      const askedAt = Date.now()
      expect(await ready()).toEqual(DEGRADED)
      expect(Date.now() - askedAt).toBeLessThan(1500)
    } finally {
      redis.thaw()
    }
    await until(async () => (await ready()).status === 'ready', 'Redis is back')
  })
})
