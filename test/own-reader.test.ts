import { makeReader, makeStaff, makeTopic, tokenIn } from './support/actors'
import { type AnyData, ok } from './support/api'
import { pending } from './support/confirming'
import { logInApp, send } from './support/logging-in'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'monthly', 'Monthly')
})
afterAll(() => product?.stop())

const SCREEN = `{ viewer { role session { current device } reader {
  maskedEmail email name status locale timeZone confirmedAt
  topics { topic { slug name } frequency consent { status purpose { key title } changedAt policy { version } } }
  consents { purpose { key } status } } } }`

test('who is logged in sees the own data and every topic with its state', async () => {
  const { email } = await makeReader(product, ['topic:weekly'], { name: 'Ada', timeZone: 'Europe/Berlin' })
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'jobs', 'Jobs')
  const { accessToken } = await logInApp(product, email, 'Phone')

  const { viewer } = await ok(product, SCREEN, {}, { token: accessToken, staff: false })

  expect(viewer.role).toBe('READER')
  expect(viewer.session).toEqual({ current: true, device: 'Phone' })
  expect(viewer.reader).toMatchObject({
    maskedEmail: 'r•••@example.org',
    email,
    name: 'Ada',
    status: 'ACTIVE',
    locale: 'en',
    timeZone: 'Europe/Berlin',
  })
  expect(
    viewer.reader.topics.map((one: AnyData) => [one.topic.name, one.consent.status, one.frequency]),
  ).toEqual([
    ['Weekly', 'GRANTED', 'EVERY_ISSUE'],
    ['Monthly', 'REFUSED', 'EVERY_ISSUE'],
    ['Jobs', 'NOT_ASKED', 'EVERY_ISSUE'],
  ])
  const [weekly, , jobs] = viewer.reader.topics
  expect(weekly.consent).toMatchObject({ purpose: { key: 'topic:weekly' }, policy: { version: '1' } })
  expect(jobs.consent).toMatchObject({ changedAt: null, policy: null })
})

test('a topic shows the own setting, and nobody’s to a visitor', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  const { accessToken } = await logInApp(product, email)
  const query = '{ topic(slug: "weekly") { mine { consent { status } } } }'

  expect(await ok(product, query, {}, { token: accessToken, staff: false })).toEqual({
    topic: { mine: { consent: { status: 'GRANTED' } } },
  })
  expect(await ok(product, query)).toEqual({ topic: { mine: null } })
})

test('a visitor is nobody', async () => {
  const { viewer } = await ok(product, '{ viewer { role session { id } reader { email } } }')
  expect(viewer).toEqual({ role: 'ANONYMOUS', session: null, reader: null })
})

test('a mailed link shows the address masked and no name, whoever else is logged in', async () => {
  const { token } = await pending(product, { name: 'Ada' })
  const other = await logInApp(product, (await makeReader(product, ['topic:weekly'], { name: 'Bob' })).email)

  const answer = await send(
    product,
    `mutation ($token: String!) { readerConfirm(token: $token) { reader { maskedEmail email name sessions { id } } } }`,
    { token },
    { authorization: `Bearer ${other.accessToken}` },
  )

  expect(answer.body.data.readerConfirm.reader).toEqual({
    maskedEmail: 'r•••@example.org',
    email: null,
    name: null,
    sessions: [],
  })
})

test('a reader is no staff: every staff endpoint and field stays closed', async () => {
  const { email, mail } = await makeReader(product, ['topic:weekly'])
  const { accessToken } = await logInApp(product, email)
  expect(tokenIn(mail, 'c')).toHaveLength(53)

  const response = await fetch(`${product.url}/graphql/staff`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ query: '{ newsletters { nodes { id } } }' }),
  })

  expect(await response.text()).toContain('UNAUTHENTICATED')
})

test('the screen of a reader costs nine statements at most, however many topics there are', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  const { accessToken } = await logInApp(product, email)
  const statements: string[] = []
  // An API of its own: the worker's statements are no part of the screen.
  const api = await startMoreApi(product, {})
  const { db } = api
  db.logger = { ...db.logger, logQuery: (query: string) => void statements.push(query) } as typeof db.logger
  const cost = async (): Promise<number> => {
    statements.length = 0
    await ok(api, SCREEN, {}, { token: accessToken, staff: false })
    return statements.filter(one =>
      /`(Consent|PolicyVersion|Purpose|PurposeVersion|Topic)`\.`id`|`Consent`\.`reader_id`/.test(one),
    ).length
  }
  expect(await cost()).toBeLessThanOrEqual(9)
  const admin = await makeStaff(product, 'ADMIN')
  for (let n = 0; n < 20; n++) await makeTopic(product, admin, `more-${n}`)
  // Purposes, their words and their policies come in one batch or in two, as the topics arrive before or after the consents.
  expect(await cost()).toBeLessThanOrEqual(9)
  await api.stop()
})
