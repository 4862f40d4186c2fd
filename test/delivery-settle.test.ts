import { claimRange, releaseRange } from '../src/deliveries/claim'
import { settle } from '../src/deliveries/settle'
import { settleSent } from '../src/deliveries/settle-sent'
import { DeliveryDecision } from '../src/entities/delivery-decision'
import { DeliveryRetry } from '../src/entities/delivery-retry'
import { transaction } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import { countsOf, messagesOf, newsletterOf, rowsOf, until, untilStatus } from './support/checker'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'
import { startNewsletter } from './support/started'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ env: { LEASE_SECONDS: '1' } })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(() => product.sink.heal(false))
afterAll(() => product?.stop())

const SETTLE = `mutation ($newsletterId: ID!, $readerId: ID!, $outcome: DeliveryStatus!, $reason: String!) {
  deliverySettle(newsletterId: $newsletterId, readerId: $readerId, outcome: $outcome, reason: $reason) {
    newsletter { status } alreadyPassed userErrors { __typename code field ... on InvalidStateError { status } } } }`

interface Asked {
  outcome?: string
  reason?: string
  token?: string
}

const settleAs = (newsletterId: string, readerId: string, asked: Asked = {}, on = product) => {
  const { outcome = 'SENT', reason = 'The server log says so', token = admin.token } = asked
  return graphql(on, SETTLE, { newsletterId, readerId, outcome, reason }, { token })
}
async function settled(newsletterId: string, reader: KnownReader, asked: Asked = {}): Promise<AnyData> {
  const answer = await settleAs(newsletterId, reader.publicId, asked)
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  return answer.data.deliverySettle
}

interface Over {
  id: string
  readers: KnownReader[]
  fine: KnownReader[]
}

/** A newsletter that is sent, its first readers unknown: the server took the message and said nothing. */
async function withUnknown(slug: string, unknown: number): Promise<Over> {
  const topic = await makeTopic(product, admin, slug)
  const purposes = [`topic:${slug}`]
  const readers = await makeReaders(product, unknown, { purposes, local: n => `reset-after-dot.r${n}` })
  const fine = await makeReaders(product, 2, { purposes })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  await untilStatus(product, id, 'SENT')
  expect(countsOf(await rowsOf(product, id))).toMatchObject({ unknown, sent: 2 })
  return { id, readers, fine }
}

const DELIVERIES = `query ($id: ID!, $filter: DeliveryFilter, $first: Int!, $after: String) { newsletter(id: $id) {
  report { audience sent failed unknown }
  deliveries(filter: $filter, first: $first, after: $after) {
    nodes { status reader { id maskedEmail } decisions { by from to reason } } pageInfo { hasNextPage endCursor } } } }`
const deliveries = async (id: string, variables: AnyData): Promise<AnyData> =>
  (await ok(product, DELIVERIES, { id, first: 100, ...variables }, { token: admin.token })).newsletter

/** Everything a settlement could touch. */
const touched = () =>
  dumpDatabase(product, 'newsletter', 'delivery', 'delivery_retry', 'delivery_range', 'delivery_decision')

test('staff find what is unknown page by page, with masked addresses, and a person settles each as sent or failed', async () => {
  const { id, readers } = await withUnknown('settled', 3)
  const first = await deliveries(id, { filter: { status: ['UNKNOWN'] }, first: 2 })
  const { pageInfo, nodes } = first.deliveries
  const rest = await deliveries(id, { filter: { status: ['UNKNOWN'] }, first: 2, after: pageInfo.endCursor })
  const found = [...nodes, ...rest.deliveries.nodes]
  expect(found.map(({ reader }: AnyData) => reader.id)).toEqual(readers.map(one => one.publicId))
  for (const { email } of readers) expect(JSON.stringify(found)).not.toContain(email)

  const [one, other] = readers as [KnownReader, KnownReader]
  expect(await settled(id, one, { outcome: 'SENT', reason: ' found in the log ' })).toEqual({
    newsletter: { status: 'SENT' },
    alreadyPassed: [],
    userErrors: [],
  })
  await settled(id, other, { outcome: 'FAILED', reason: 'the mailbox is gone' })
  const after = await deliveries(id, {})
  expect(after.report).toEqual({ audience: 5, sent: 3, failed: 1, unknown: 1 })
  const of = (reader: KnownReader) =>
    after.deliveries.nodes.find((node: AnyData) => node.reader.id === reader.publicId)
  expect(of(one)).toMatchObject({
    status: 'SENT',
    decisions: [{ by: 'An ADMIN', from: 'UNKNOWN', to: 'SENT', reason: 'found in the log' }],
  })
  expect(of(other)).toMatchObject({
    status: 'FAILED',
    decisions: [{ by: 'An ADMIN', from: 'UNKNOWN', to: 'FAILED', reason: 'the mailbox is gone' }],
  })
  expect(messagesOf(product, id)).toHaveLength(5)
})

test('settling an unknown as queued sends it once more on purpose, and the newsletter is over again', async () => {
  const { id, readers } = await withUnknown('again', 2)
  const before = await newsletterOf(product, id)
  product.sink.heal()
  const [reader] = readers as [KnownReader]
  expect(await settled(id, reader, { outcome: 'QUEUED' })).toMatchObject({
    newsletter: { status: 'SENDING' },
    userErrors: [],
  })
  await untilStatus(product, id, 'SENT')
  const after = await newsletterOf(product, id)
  expect(after.startedAt).toEqual(before.startedAt)
  expect(after.finishedAt?.getTime()).toBeGreaterThan(before.finishedAt?.getTime() ?? 0)
  expect(countsOf(await rowsOf(product, id))).toMatchObject({ sent: 3, unknown: 1 })
  const got = messagesOf(product, id).filter(({ to }) => to[0] === reader.email)
  expect(got.map(({ answer }) => answer)).toEqual([undefined, 2])
  expect(messagesOf(product, id)).toHaveLength(5)
})

test('one that is sent again and stays without an answer is unknown again, and can be settled again', async () => {
  const { id, readers } = await withUnknown('twice', 1)
  const [reader] = readers as [KnownReader]
  await settled(id, reader, { outcome: 'QUEUED' })
  await untilStatus(product, id, 'SENT')
  expect(countsOf(await rowsOf(product, id))).toMatchObject({ sent: 2, unknown: 1 })
  await settled(id, reader, { outcome: 'FAILED' })
  const { deliveries: all } = await deliveries(id, { filter: { status: ['FAILED'] } })
  expect(all.nodes[0].decisions.map(({ to }: AnyData) => to)).toEqual(['QUEUED', 'FAILED'])
})

test('sending again asks the gate anew: a reader who has left since gets nothing more', async () => {
  const { id, readers } = await withUnknown('left', 1)
  const [reader] = readers as [KnownReader]
  const token = await unsubscribeToken(product, id, reader)
  expect((await fetch(`${product.url}/u/${token}`, { method: 'POST' })).status).toBe(200)
  product.sink.heal()
  await settled(id, reader, { outcome: 'QUEUED' })
  await untilStatus(product, id, 'SENT')
  const row = (await rowsOf(product, id)).find(({ readerId }) => readerId === reader.id)
  expect(row).toMatchObject({ status: 'skipped', skipReason: 'CONSENT_WITHDRAWN' })
  expect(messagesOf(product, id)).toHaveLength(3)
})

test('only an admin settles, only what is unknown, with an outcome that makes sense and a reason; else nothing changes', async () => {
  const { id, readers, fine } = await withUnknown('refused', 1)
  const [reader] = readers as [KnownReader]
  const publisher = await makeStaff(product, 'PUBLISHER')
  const [stranger] = await makeReaders(product, 1, { purposes: ['topic:left'] })
  const before = await touched()
  const nobody = '01890000-0000-7000-8000-000000000000'
  const errors: [string, string, Asked, string][] = [
    [id, reader.publicId, { token: publisher.token }, 'FORBIDDEN'],
    [id, reader.publicId, { token: 'x'.repeat(43) }, 'UNAUTHENTICATED'],
    [nobody, reader.publicId, {}, 'NOT_FOUND'],
    [id, nobody, {}, 'NOT_FOUND'],
    [id, 'x', {}, 'NOT_FOUND'],
    [id, reader.publicId, { outcome: 'NONSENSE' }, 'BAD_USER_INPUT'],
  ]
  for (const [newsletterId, readerId, asked, code] of errors) {
    const answer = await settleAs(newsletterId, readerId, asked)
    expect([readerId, asked, answer.errors?.[0]?.extensions.code]).toEqual([readerId, asked, code])
  }
  const refusals: [KnownReader | undefined, Asked, AnyData][] = [
    [fine[0], {}, { code: 'INVALID_STATE', field: ['readerId'] }],
    [stranger, {}, { code: 'INVALID_STATE', field: ['readerId'] }],
    [reader, { reason: ' ' }, { code: 'REQUIRED', field: ['reason'] }],
    [reader, { reason: 'x'.repeat(501) }, { code: 'TOO_LONG', field: ['reason'] }],
    ...['SENDING', 'UNKNOWN', 'SKIPPED', 'CANCELLED'].map((outcome): [KnownReader, Asked, AnyData] => [
      reader,
      { outcome },
      { code: 'INVALID', field: ['outcome'] },
    ]),
  ]
  for (const [who, asked, error] of refusals)
    expect((await settled(id, who as KnownReader, asked)).userErrors).toMatchObject([error])
  expect(await touched()).toEqual(before)
})

test.each([
  ['cancelled', "status = 'CANCELLED'", 'CANCELLED'],
  ['expired', 'expires_at = UTC_TIMESTAMP(3)', 'SENT'],
])(
  'of a %s newsletter nothing is sent again, but what became of it can be said',
  async (slug, sql, status) => {
    const { id, readers } = await withUnknown(slug, 1)
    await product.connections.db.manager.query(`UPDATE newsletter SET ${sql} WHERE public_id = ?`, [id])
    const [reader] = readers as [KnownReader]
    expect((await settled(id, reader, { outcome: 'QUEUED' })).userErrors).toMatchObject([
      { __typename: 'InvalidStateError', code: 'INVALID_STATE', status },
    ])
    expect((await settled(id, reader, { outcome: 'SENT' })).userErrors).toEqual([])
    expect(countsOf(await rowsOf(product, id))).toMatchObject({ sent: 3, unknown: 0 })
  },
)

test('what a person has settled is still named by a barrier in the hour in which it may arrive', async () => {
  const { id, readers } = await withUnknown('named', 2)
  const stop = async (): Promise<string[]> => {
    const token = { token: admin.token }
    const { siteStop } = await ok(product, 'mutation { siteStop(reason: "x") { alreadyPassed } }', {}, token)
    await ok(product, 'mutation { siteStart(reason: "x") { accepted } }', {}, token)
    return siteStop.alreadyPassed
  }
  const before = await stop()
  for (const reader of readers) await settled(id, reader, { outcome: 'FAILED' })
  expect((await stop()).sort()).toEqual(before.sort())
})

test('the runtime account can add decisions and neither change nor remove one', async () => {
  const { manager } = product.connections.db
  expect(await manager.count(DeliveryDecision)).toBeGreaterThan(0)
  await expect(manager.query("UPDATE delivery_decision SET reason = 'x'")).rejects.toThrow(/denied/)
  await expect(manager.query('DELETE FROM delivery_decision')).rejects.toThrow(/denied/)
})

describe('while the worker that lost it may still be there', () => {
  let quiet: Product
  beforeAll(async () => {
    quiet = await startProduct({ worker: false })
    admin = await makeStaff(quiet, 'ADMIN')
  })
  afterAll(() => quiet?.stop())

  test('its late answer and a person’s word exclude each other: the first stands', async () => {
    const topic = await makeTopic(quiet, admin, 'race')
    const readers = await makeReaders(quiet, 40, { purposes: ['topic:race'] })
    const { newsletter, gate, claim, row } = await startNewsletter(quiet, admin, topic.id)
    const { db } = quiet.connections
    const outcomes: string[] = []
    for (const [index, { id, publicId }] of readers.entries()) {
      expect(await gate(id)).toMatchObject({ kind: 'passed' })
      await transaction(db, tx => settle(tx, claim, id, { kind: 'unknown' }))
      const late = () => settleSent(quiet.connections.packets, [{ claim, readerId: id }])
      const word = () => settleAs(newsletter.publicId, publicId, { outcome: 'FAILED' }, quiet)
      // One after the other, and both at once.
      const answered = late()
      if (index % 2 === 1) await answered
      const said = await word()
      await answered
      const { status } = await row(id)
      const isSettled = said.data.deliverySettle.userErrors.length === 0
      expect([isSettled, status]).toEqual([isSettled, isSettled ? 'failed' : 'sent'])
      outcomes.push(status)
    }
    expect(outcomes).toContain('sent')
  })

  test('its late yes settles the delivery that a person had queued again, and nothing is sent twice', async () => {
    const topic = await makeTopic(quiet, admin, 'late-yes')
    const [reader] = (await makeReaders(quiet, 1, { purposes: ['topic:late-yes'] })) as [KnownReader]
    const { newsletter, gate, claim, row } = await startNewsletter(quiet, admin, topic.id)
    await gate(reader.id)
    await transaction(quiet.connections.db, tx => settle(tx, claim, reader.id, { kind: 'unknown' }))
    await settleAs(newsletter.publicId, reader.publicId, { outcome: 'QUEUED' }, quiet)
    expect(await row(reader.id)).toMatchObject({ status: 'queued' })
    const late = { claim, readerId: reader.id }
    await settleSent(quiet.connections.packets, [late])
    expect(await row(reader.id)).toMatchObject({ status: 'sent' })
    expect(await gate(reader.id)).toMatchObject({ kind: 'refused' })
  })

  test('its late no does not take away the retry that a person asked for', async () => {
    const topic = await makeTopic(quiet, admin, 'kept')
    const [reader] = (await makeReaders(quiet, 1, { purposes: ['topic:kept'] })) as [KnownReader]
    const { newsletter, gate, claim, row } = await startNewsletter(quiet, admin, topic.id)
    const { db } = quiet.connections
    await gate(reader.id)
    const freeze = 'UPDATE delivery_range SET lease_until = UTC_TIMESTAMP(3) WHERE newsletter_id = ?'
    await db.manager.query(freeze, [newsletter.id])
    const other = await transaction(db, tx => claimRange(tx, newsletter.id, 60_000))
    expect(await row(reader.id)).toMatchObject({ status: 'unknown' })
    const answer = await settleAs(newsletter.publicId, reader.publicId, { outcome: 'QUEUED' }, quiet)
    expect(answer.data.deliverySettle.userErrors).toEqual([])
    for (const kind of ['failed', 'deferred', 'unknown'] as const)
      await transaction(db, tx => settle(tx, claim, reader.id, { kind }))
    const { status } = await row(reader.id)
    const retries = await db.manager.countBy(DeliveryRetry, { newsletterId: newsletter.id })
    expect([status, retries]).toEqual(['queued', 1])
    if (other) await transaction(db, tx => releaseRange(tx, other))
    quiet.startWorker()
    await until(async () => (await row(reader.id)).status === 'sent', 'it is sent')
  })
})
