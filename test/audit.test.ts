import mysql from 'mysql2/promise'
import { DeliveryStatus } from '../src/entities/delivery'
import { write } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { runWeinterrupt } from './support/command'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 2)
})
afterAll(() => product?.stop())

const EVENTS = `query ($first: Int, $after: String) { auditEvents(first: $first, after: $after) {
  nodes { id at actor role action target reason requestId staff { name } } pageInfo { hasNextPage endCursor } } }`

async function events(first = 50, after?: string): Promise<AnyData> {
  return (await ok(product, EVENTS, { first, after }, { token: admin.token })).auditEvents
}

async function latest(count: number): Promise<AnyData[]> {
  return (await events(count)).nodes.reverse()
}

const act = async (mutation: string, variables: AnyData = {}): Promise<AnyData> =>
  Object.values(await ok(product, mutation, variables, { token: admin.token }))[0]

const nextWeek = new Date(Date.now() + 7 * 86_400_000).toISOString()

test('each act of staff leaves one event with who, what, which and why', async () => {
  const { id, version } = await makeNewsletter(product, admin, topic.id)
  const update = `mutation ($id: ID!) { newsletterUpdate(id: $id, version: ${version}, input: { title: "T" }) { userErrors { code } } }`
  await act(update, { id })
  const to = JSON.stringify([admin.email])
  await act(
    `mutation ($id: ID!) { newsletterSendTest(id: $id, input: { to: ${to} }) { userErrors { code } } }`,
    { id },
  )
  const input = scheduleInput(await fetchNewsletter(product, admin, id), { sendAt: nextWeek })
  await act(SCHEDULE, { id, input })
  await act(SCHEDULE, { id, input })
  await act('mutation ($id: ID!) { newsletterUnschedule(id: $id) { userErrors { code } } }', { id })
  const again = scheduleInput(await fetchNewsletter(product, admin, id), { sendAt: nextWeek })
  await act(SCHEDULE, { id, input: again })
  await act(
    'mutation ($id: ID!) { newsletterCancel(id: $id, reason: "ask ada@example.org") { userErrors { code } } }',
    {
      id,
    },
  )
  await act('mutation { siteStop(reason: "wrong price") { accepted } }')
  await act('mutation { siteStart(reason: "price corrected") { accepted } }')

  const written = await latest(9)
  expect(written.map(one => [one.action, one.target, one.reason])).toEqual([
    ['newsletter.create', id, null],
    ['newsletter.update', id, null],
    ['newsletter.test', id, null],
    ['newsletter.schedule', id, null],
    ['newsletter.unschedule', id, null],
    ['newsletter.schedule', id, null],
    ['newsletter.cancel', id, 'ask [address]'],
    ['site.stop', null, 'wrong price'],
    ['site.start', null, 'price corrected'],
  ])
  for (const one of written)
    expect(one).toMatchObject({ role: 'ADMIN', staff: { name: 'An ADMIN' }, requestId: expect.any(String) })
  expect(new Set(written.map(one => one.actor)).size).toBe(1)
  expect(new Set(written.map(one => one.requestId)).size).toBe(9)
})

test('pausing, resuming and settling an unknown are written down, and what was refused is not', async () => {
  const { id } = await makeNewsletter(product, admin, topic.id)
  const { manager } = product.connections.db
  const before = (await events(1)).nodes[0].id
  const pause = 'mutation ($id: ID!) { newsletterPause(id: $id, reason: "typo") { userErrors { code } } }'
  expect((await act(pause, { id })).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  expect((await act('mutation { siteStop(reason: " ") { userErrors { code } } }')).userErrors).toHaveLength(1)
  expect((await events(1)).nodes[0].id).toBe(before)

  await write(
    manager,
    "UPDATE newsletter SET status = 'SENDING', started_at = UTC_TIMESTAMP(3) WHERE public_id = ?",
    [id],
  )
  await act(pause, { id })
  await act('mutation ($id: ID!) { newsletterResume(id: $id) { userErrors { code } } }', { id })
  const [reader] = await manager.query('SELECT id, public_id FROM reader LIMIT 1')
  await write(
    manager,
    `INSERT INTO delivery (newsletter_id, reader_id, status, at)
     SELECT id, ?, '${DeliveryStatus.UNKNOWN.toLowerCase()}', UTC_TIMESTAMP(3) FROM newsletter WHERE public_id = ?`,
    [reader.id, id],
  )
  const settle = `mutation ($id: ID!, $reader: ID!) { deliverySettle(newsletterId: $id, readerId: $reader,
    outcome: SENT, reason: "in the log of the relay") { userErrors { code } } }`
  expect((await act(settle, { id, reader: reader.public_id })).userErrors).toEqual([])
  expect((await act(settle, { id, reader: reader.public_id })).userErrors).toHaveLength(1)

  expect((await latest(3)).map(one => [one.action, one.reason])).toEqual([
    ['newsletter.pause', 'typo'],
    ['newsletter.resume', null],
    ['delivery.settle', 'in the log of the relay'],
  ])
})

test('a topic that is refused leaves no event', async () => {
  const before = (await events(1)).nodes[0].id
  const input = {
    slug: 'weekly',
    maxIssues: 1,
    perDays: 1,
    texts: [{ locale: 'en', name: 'x', description: 'x', cadence: 'x' }],
  }
  const taken = await act(
    'mutation ($input: TopicInput!) { topicSave(input: $input) { userErrors { code } } }',
    { input },
  )

  expect(taken.userErrors).toMatchObject([{ code: 'INVALID' }])
  expect((await events(1)).nodes[0].id).toBe(before)
})

test('what the operator does on the command line is written down too', async () => {
  const run = (...args: string[]) => runWeinterrupt(product.env, ...args)
  await run('stop', '--reason', 'drill')
  await run('start', '--reason', 'drill over')
  await run('suppress', 'add', 'someone@example.org', '--note', 'asked by phone')
  await run('staff', 'create', '--email', 'new@site.example', '--name', 'New', '--role', 'AUTHOR')

  const written = await latest(4)
  expect(written.map(one => [one.action, one.reason])).toEqual([
    ['site.stop', 'drill'],
    ['site.start', 'drill over'],
    ['suppression.add', 'asked by phone'],
    ['staff.create', null],
  ])
  for (const one of written)
    expect(one).toMatchObject({ actor: 'operator', role: 'ADMIN', staff: null, requestId: null })
})

test('events are paged from the latest back, each once', async () => {
  const all = (await events(100)).nodes.map((one: AnyData) => one.id)
  const paged: string[] = []
  for (let after: string | undefined; ; ) {
    const { nodes, pageInfo } = await events(4, after)
    paged.push(...nodes.map((one: AnyData) => one.id))
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }

  expect(all.length).toBeGreaterThan(15)
  expect(paged).toEqual(all)
})

test('only admins read them', async () => {
  const publisher = await makeStaff(product, 'PUBLISHER')
  const { errors } = await graphql(product, EVENTS, {}, { token: publisher.token })

  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})

test('no event holds an address or a name', async () => {
  const { audit_event } = await dumpDatabase(product, 'audit_event')
  const everything = JSON.stringify(audit_event)

  expect(audit_event?.length).toBeGreaterThan(15)
  for (const value of [admin.email, 'site.example', 'example.org', 'An ADMIN'])
    expect(everything).not.toContain(value)
})

const attacks = [
  "UPDATE audit_event SET actor = 'nobody'",
  'DELETE FROM audit_event LIMIT 1',
  'REPLACE INTO audit_event SELECT * FROM audit_event LIMIT 1',
]

test.each([...attacks, 'TRUNCATE audit_event', 'DROP TRIGGER audit_event_no_delete'])(
  'the running product has no right to: %s',
  async sql => {
    const before = await dumpDatabase(product, 'audit_event')

    await expect(write(product.connections.db.manager, sql)).rejects.toThrow(/denied/)

    expect(await dumpDatabase(product, 'audit_event')).toEqual(before)
  },
)

test.each(attacks)('triggers keep the owner from: %s', async sql => {
  const before = await dumpDatabase(product, 'audit_event')
  const owner = await mysql.createConnection(product.config.databaseMigrationUrl)

  await expect(owner.query(sql)).rejects.toThrow('audit events are append-only')

  await owner.end()
  expect(await dumpDatabase(product, 'audit_event')).toEqual(before)
})
