import { Newsletter } from '../src/entities/newsletter'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, graphql } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let publisher: Staff
let author: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  publisher = await makeStaff(product, 'PUBLISHER')
  author = await makeStaff(product, 'AUTHOR')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 3)
})
afterAll(() => product?.stop())

const UPDATE = `mutation ($id: ID!, $version: Int!, $input: NewsletterInput!) {
  newsletterUpdate(id: $id, version: $version, input: $input) { newsletter { version title contents { locale subject } }
    userErrors { __typename code field ... on StaleVersionError { currentVersion savedBy }
      ... on InvalidStateError { status allowedActions } } } }`

test('each role may do what it may do and nothing above it; anonymous people may do nothing', async () => {
  const { id } = await makeNewsletter(product, author, topic.id)
  const input = scheduleInput(await fetchNewsletter(product, admin, id))
  const newTopic = {
    slug: 'x',
    maxIssues: 1,
    perDays: 1,
    texts: [{ locale: 'en', name: 'x', description: 'x', cadence: 'x' }],
  }
  const attempts: [query: string, variables: AnyData, least: string][] = [
    ['query ($id: ID!) { newsletter(id: $id) { id } }', { id }, 'AUTHOR'],
    ['{ newsletters { nodes { id } } }', {}, 'AUTHOR'],
    [UPDATE, { id, version: 99, input: {} }, 'AUTHOR'],
    [
      'mutation ($id: ID!) { newsletterSendTest(id: $id, input: { to: [] }) { userErrors { code } } }',
      { id },
      'AUTHOR',
    ],
    [SCHEDULE, { id, input: { ...input, version: 99 } }, 'PUBLISHER'],
    ['mutation ($id: ID!) { newsletterUnschedule(id: $id) { userErrors { code } } }', { id }, 'PUBLISHER'],
    ['mutation ($id: ID!) { newsletterPause(id: $id) { userErrors { code } } }', { id }, 'PUBLISHER'],
    ['mutation ($id: ID!) { newsletterResume(id: $id) { userErrors { code } } }', { id }, 'PUBLISHER'],
    [
      'mutation ($id: ID!) { newsletterCancel(id: $id, reason: "x") { userErrors { code } } }',
      { id },
      'PUBLISHER',
    ],
    [
      'mutation ($input: TopicInput!) { topicSave(input: $input) { userErrors { code } } }',
      { input: newTopic },
      'ADMIN',
    ],
    ['mutation { siteStop(reason: "") { accepted userErrors { code } } }', {}, 'ADMIN'],
    ['mutation { siteStart(reason: "") { accepted userErrors { code } } }', {}, 'ADMIN'],
  ]
  const roles = ['AUTHOR', 'PUBLISHER', 'ADMIN']
  for (const [query, variables, least] of attempts) {
    const anonymous = await graphql(product, query, variables, { staff: true })
    expect([query, anonymous.errors?.[0]?.extensions.code]).toEqual([query, 'UNAUTHENTICATED'])
    for (const [index, { token }] of [author, publisher, admin].entries()) {
      const { errors } = await graphql(product, query, variables, { token })
      const expected = index >= roles.indexOf(least) ? undefined : 'FORBIDDEN'
      expect([query, roles[index], errors?.[0]?.extensions.code]).toEqual([query, roles[index], expected])
    }
  }
  const { manager } = product.connections.db
  expect(await manager.findOneByOrFail(Newsletter, { publicId: id })).toMatchObject({
    status: 'DRAFT',
    version: 1,
  })
})
