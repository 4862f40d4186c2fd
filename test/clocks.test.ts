import { setTimeout as sleep } from 'node:timers/promises'
import { confirm } from '../src/consent/confirm'
import { hashOf } from '../src/consent/ledger'
import { Consent } from '../src/entities/consent'
import { expand } from '../src/newsletters/expand'
import { databaseTime, transaction } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  scheduleNow,
  tokenIn,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders, unsubscribeToken } from './support/bulk-readers'
import { newsletterOf, rowsOf } from './support/checker'
import { waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { eventsOf, readerOf } from './support/rows'

const HOUR = 3_600_000

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 1)
})
afterEach(() => jest.useRealTimers())
afterAll(() => product?.stop())

/** From now on the clock of API and worker is wrong; timers and the database go on. */
function shiftClock(ms: number): void {
  const doNotFake: AnyData = [
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'requestAnimationFrame',
    'cancelAnimationFrame',
    'requestIdleCallback',
    'cancelIdleCallback',
    'setImmediate',
    'clearImmediate',
    'setInterval',
    'clearInterval',
    'setTimeout',
    'clearTimeout',
  ]
  jest.useFakeTimers({ now: Date.now() + ms, doNotFake })
}

const now = (): Promise<Date> => databaseTime(product.connections.db.manager)

test.each([
  ['fast', HOUR],
  ['slow', -HOUR],
])(
  'with the clock of the API an hour %s every consent time is the database’s, and the chain holds',
  async (_name, shift) => {
    shiftClock(shift)
    const before = await now()
    const { email } = await makeReader(product, ['topic:weekly'])
    const reader = await readerOf(product, email)
    const { id } = await makeNewsletter(product, admin, topic.id)
    const token = await unsubscribeToken(product, id, reader)
    expect((await fetch(`${product.url}/u/${token}`, { method: 'POST' })).status).toBe(200)
    const after = await now()
    const events = await eventsOf(product, email)
    expect(events.map(({ toState }) => toState)).toEqual(
      expect.arrayContaining(['ConsentRequested', 'ConsentGiven', 'ConsentWithdrawn']),
    )
    for (const event of events) {
      expect(event.at >= before && event.at <= after).toBe(true)
      expect(event.hash).toEqual(hashOf(event))
    }
    const { purposeId } = events.find(({ toState }) => toState === 'ConsentGiven') ?? {}
    const consent = await product.connections.db.manager.findOneByOrFail(Consent, {
      readerId: reader.id,
      purposeId,
    })
    expect(consent.givenAt && consent.givenAt >= before).toBe(true)
    expect(consent.endedAt && consent.endedAt <= after).toBe(true)
    expect(reader.confirmedAt >= before && reader.confirmedAt <= after).toBe(true)
  },
)

test.each([
  ['fast', HOUR],
  ['slow', -HOUR],
])(
  'who confirmed before the start gets the newsletter though the clock of the API is an hour %s',
  async (_name, shift) => {
    shiftClock(shift)
    const { email } = await makeReader(product, ['topic:weekly'])
    const { id } = await readerOf(product, email)
    const { id: publicId } = await makeNewsletter(product, admin, topic.id)
    const { audience } = await fetchNewsletter(product, admin, publicId)
    jest.useRealTimers()
    await scheduleNow(product, admin, publicId)
    expect((await fetchNewsletter(product, admin, publicId)).audience).toMatchObject({
      estimate: { willReceive: audience.estimate.willReceive },
    })
    for (let tries = 0; tries < 100 && !(await newsletterOf(product, publicId)).expandedAt; tries++)
      await sleep(50)
    expect((await rowsOf(product, publicId)).map(({ readerId }) => readerId)).toContain(id)
  },
)

test('a start waits for a confirmation under way, so that its reader belongs to the audience', async () => {
  const quiet = await startProduct({ worker: false })
  try {
    const staff = await makeStaff(quiet, 'ADMIN')
    const own = await makeTopic(quiet, staff, 'weekly')
    await makeReaders(quiet, 1)
    const stopWorker = quiet.startWorker()
    const input = await registerInput(quiet, ['topic:weekly'])
    await register(quiet, input)
    const token = tokenIn(await waitForMail(quiet, input.email), 'c')
    await stopWorker()
    const { id } = await makeNewsletter(quiet, staff, own.id)
    await scheduleNow(quiet, staff, id)
    const newsletter = await newsletterOf(quiet, id)
    const { db, keyring } = quiet.connections
    let isStarted = false
    let start: Promise<unknown> = Promise.resolve()
    const confirmed = await transaction(db, async tx => {
      const answer = await confirm(tx, keyring, token)
      start = expand(db, newsletter.id, quiet.config).then(() => (isStarted = true))
      await sleep(500)
      expect(isStarted).toBe(false)
      return answer
    })
    await start
    expect(confirmed.kind).toBe('confirmed')
    const reader = await readerOf(quiet, input.email)
    const { startedAt } = await newsletterOf(quiet, id)
    expect(startedAt && reader.confirmedAt <= startedAt).toBe(true)
    expect((await rowsOf(quiet, id)).map(({ readerId }) => readerId)).toContain(reader.id)
  } finally {
    await quiet.stop()
  }
})

test('a newsletter can be scheduled for now and started with the clock of the API fast or slow', async () => {
  for (const shift of [HOUR, -HOUR]) {
    const { id } = await makeNewsletter(product, admin, topic.id)
    const { audience, checklist, version } = await fetchNewsletter(product, admin, id)
    shiftClock(shift)
    const { newsletterSchedule } = await ok(
      product,
      `mutation ($id: ID!, $input: ScheduleInput!) { newsletterSchedule(id: $id, input: $input) {
         newsletter { schedule { sendAt } } userErrors { code } } }`,
      {
        id,
        input: {
          version,
          timeZone: 'Europe/Berlin',
          confirmedRecipients: audience.estimate.willReceive,
          checklistHash: checklist.contentHash,
          idempotencyKey: id,
        },
      },
      { token: admin.token },
    )
    jest.useRealTimers()
    expect(newsletterSchedule.userErrors).toEqual([])
    const sendAt = Date.parse(newsletterSchedule.newsletter.schedule.sendAt)
    expect(Math.abs(sendAt - Date.now())).toBeLessThan(10_000)
  }
})
