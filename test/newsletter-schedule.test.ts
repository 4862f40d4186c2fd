import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { select } from '../src/transaction'
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
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, messagesOf, newsletterOf, untilStatus } from './support/checker'
import { type Product, startProduct, sweeps } from './support/product'

const HOUR = 3_600_000

let product: Product
let admin: Staff
let staff: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  staff = await makeStaff(product, 'PUBLISHER')
  topic = await makeTopic(product, admin, 'weekly')
  await makeTopic(product, admin, 'empty')
  await makeReaders(product, 5)
})
afterAll(() => product?.stop())

const schedule = async (id: string, input: AnyData): Promise<AnyData> =>
  (await ok(product, SCHEDULE, { id, input }, { token: staff.token })).newsletterSchedule
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()
const stored = (): Promise<unknown> => select(product.connections.db.manager, 'SELECT * FROM newsletter')
/** Past the doors, as a restore or a long stand-still would leave it. */
const alter = (id: string, assignment: string): Promise<unknown> =>
  product.connections.db.manager.query(`UPDATE newsletter SET ${assignment} WHERE public_id = ?`, [id])

const refusals: [name: string, overrides: AnyData, error: AnyData][] = [
  ['a moment in the past', { sendAt: inMs(-5 * 60_000) }, { code: 'INVALID', field: ['input', 'sendAt'] }],
  [
    'an older version',
    { version: 0 },
    { __typename: 'StaleVersionError', code: 'STALE_VERSION', currentVersion: 1 },
  ],
  [
    'a number of readers that is not right',
    { confirmedRecipients: 4 },
    { __typename: 'AudienceChangedError', code: 'AUDIENCE_CHANGED', confirmed: 4, current: 5 },
  ],
  [
    'another content than was checked',
    { checklistHash: 'ab'.repeat(32) },
    { code: 'STALE_VERSION', field: ['input', 'checklistHash'] },
  ],
  [
    'something that is no hash',
    { checklistHash: 'zz' },
    { code: 'STALE_VERSION', field: ['input', 'checklistHash'] },
  ],
]

test.each(refusals)('%s is refused and nothing changes', async (_name, overrides, error) => {
  const draft = await makeNewsletter(product, staff, topic.id)
  const before = await stored()
  expect((await schedule(draft.id, scheduleInput(draft, overrides))).userErrors).toMatchObject([error])
  expect(await stored()).toEqual(before)
})

test('readers who joined since the editor looked stop the schedule, and so does nobody at all', async () => {
  const draft = await makeNewsletter(product, staff, topic.id)
  await makeReaders(product, 2)
  expect((await schedule(draft.id, scheduleInput(draft))).userErrors).toMatchObject([
    { confirmed: 5, current: 7 },
  ])
  const manager = product.connections.db.manager
  await manager.query('UPDATE consent SET state = "ConsentRevoked" ORDER BY reader_id DESC LIMIT 2')
  const { topic: empty } = await ok(product, '{ topic(slug: "empty") { id } }')
  const lonely = await makeNewsletter(product, staff, empty.id)
  expect((await schedule(lonely.id, scheduleInput(lonely))).userErrors).toMatchObject([
    { code: 'AUDIENCE_EMPTY' },
  ])
  await manager.query('UPDATE consent SET state = "ConsentGiven" WHERE state = "ConsentRevoked"')
})

test('the same key answers the same and schedules once; another key is an invalid state; a used key is refused elsewhere', async () => {
  const draft = await makeNewsletter(product, staff, topic.id)
  const input = scheduleInput(await fetchNewsletter(product, staff, draft.id), { sendAt: inMs(HOUR) })
  const first = await schedule(draft.id, input)
  expect(first).toMatchObject({
    newsletter: { status: 'SCHEDULED', schedule: { sendAt: input.sendAt } },
    userErrors: [],
  })
  expect(await schedule(draft.id, input)).toEqual(first)
  const before = await stored()
  const again = await schedule(draft.id, { ...input, idempotencyKey: randomUUID() })
  expect(again.userErrors).toMatchObject([
    { __typename: 'InvalidStateError', code: 'INVALID_STATE', status: 'SCHEDULED' },
  ])
  expect(again.userErrors[0].allowedActions).toEqual(expect.arrayContaining(['UNSCHEDULE', 'CANCEL']))
  const other = await fetchNewsletter(product, staff, (await makeNewsletter(product, staff, topic.id)).id)
  const reused = await schedule(other.id, scheduleInput(other, { idempotencyKey: input.idempotencyKey }))
  expect(reused.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_MISMATCH' }])
  expect((await newsletterOf(product, draft.id)).sendAt?.toISOString()).toBe(input.sendAt)
  expect(before).toEqual(
    (await select<{ public_id: string }>(product.connections.db.manager, 'SELECT * FROM newsletter')).filter(
      row => row.public_id !== other.id,
    ),
  )
})

test('a newsletter for later does not start early, not even when woken, and can be taken back to draft', async () => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  const input = scheduleInput(await fetchNewsletter(product, staff, id), { sendAt: inMs(HOUR) })
  await schedule(id, input)
  const { id: key } = await newsletterOf(product, id)
  for (let n = 0; n < 3; n++) {
    await product.connections.enqueue.expand(key)
    await product.connections.enqueue.deliver(key)
  }
  await sweeps(2)
  expect(await newsletterOf(product, id)).toMatchObject({ status: 'SCHEDULED', startedAt: null })
  const unschedule =
    'mutation ($id: ID!) { newsletterUnschedule(id: $id) { newsletter { status schedule { sendAt } } userErrors { code } } }'
  const undo = async () =>
    (await ok(product, unschedule, { id }, { token: staff.token })).newsletterUnschedule
  expect(await undo()).toMatchObject({ newsletter: { status: 'DRAFT', schedule: null }, userErrors: [] })
  expect((await undo()).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  await alter(id, 'send_at = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE')
  await product.connections.enqueue.expand(key)
  await sleep(500)
  expect((await newsletterOf(product, id)).status).toBe('DRAFT')
  expect(messagesOf(product, id)).toEqual([])
})

test('one that comes due while everybody waits starts by the sweep, once, at its moment', async () => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  const input = scheduleInput(await fetchNewsletter(product, staff, id), { sendAt: inMs(2000) })
  await schedule(id, input)
  await untilStatus(product, id, 'SENT')
  const { startedAt } = await newsletterOf(product, id)
  expect(startedAt?.getTime()).toBeGreaterThanOrEqual(Date.parse(input.sendAt))
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 7 })
})

test('more than two hours late it waits for a person as PAUSED (LATE), and resuming starts it', async () => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  await schedule(id, scheduleInput(await fetchNewsletter(product, staff, id), { sendAt: inMs(HOUR) }))
  await alter(id, 'send_at = UTC_TIMESTAMP(3) - INTERVAL 121 MINUTE')
  await untilStatus(product, id, 'PAUSED')
  expect(await newsletterOf(product, id)).toMatchObject({ pauseReason: 'LATE', startedAt: null })
  expect(messagesOf(product, id)).toEqual([])
  await ok(
    product,
    'mutation ($id: ID!) { newsletterResume(id: $id) { userErrors { code } } }',
    { id },
    { token: staff.token },
  )
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 7 })
})

test('less than two hours late it still starts by itself', async () => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  await schedule(id, scheduleInput(await fetchNewsletter(product, staff, id), { sendAt: inMs(HOUR) }))
  await alter(id, 'send_at = UTC_TIMESTAMP(3) - INTERVAL 118 MINUTE')
  await untilStatus(product, id, 'SENT')
})

test.each([
  [
    'the text',
    "UPDATE newsletter_content SET mjml = REPLACE(mjml, 'Read the story', 'Buy now') WHERE newsletter_id = ?",
  ],
  ['the subject', "UPDATE newsletter_content SET subject = 'Other' WHERE newsletter_id = ?"],
  ['the topic', "UPDATE newsletter SET topic_id = (SELECT id FROM topic WHERE slug = 'empty') WHERE id = ?"],
])('%s changed behind the approval pauses it, and nothing is sent', async (_name, sql) => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  await schedule(id, scheduleInput(await fetchNewsletter(product, staff, id), { sendAt: inMs(HOUR) }))
  const newsletter = await newsletterOf(product, id)
  await product.connections.db.manager.query(sql, [newsletter.id])
  await alter(id, 'send_at = UTC_TIMESTAMP(3)')
  await untilStatus(product, id, 'PAUSED')
  expect(await newsletterOf(product, id)).toMatchObject({ startedAt: null, pauseReason: 'RENDER_ERROR' })
  expect(messagesOf(product, id)).toEqual([])
})

test('what is changed after the start does not change what goes out', async () => {
  const { id } = await makeNewsletter(product, staff, topic.id)
  const change = "UPDATE newsletter_content SET mjml = '<mjml>', subject = 'Other' WHERE newsletter_id = ?"
  await product.connections.db.transaction('READ COMMITTED', async tx => {
    // Every gate waits for its reader.
    await tx.query('SELECT id FROM reader FOR UPDATE')
    await scheduleNow(product, staff, id)
    await untilStatus(product, id, 'SENDING')
    const { id: newsletterId } = await newsletterOf(product, id)
    await product.connections.db.manager.query(change, [newsletterId])
    expect(messagesOf(product, id)).toEqual([])
  })
  await untilStatus(product, id, 'SENT')
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 7 })
  for (const { data } of messagesOf(product, id)) {
    expect(data.toString('latin1')).toContain('Subject: News for you')
    expect(data.toString('latin1')).toContain('Read the story')
  }
})
