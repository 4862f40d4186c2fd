import { select } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { newsletterOf } from './support/checker'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let _publisher: Staff
let author: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  _publisher = await makeStaff(product, 'PUBLISHER')
  author = await makeStaff(product, 'AUTHOR')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 3)
})
afterAll(() => product?.stop())

const UNKNOWN = '01890000-0000-7000-8000-000000000000'
const UPDATE = `mutation ($id: ID!, $version: Int!, $input: NewsletterInput!) {
  newsletterUpdate(id: $id, version: $version, input: $input) { newsletter { version title contents { locale subject } }
    userErrors { __typename code field ... on StaleVersionError { currentVersion savedBy }
      ... on InvalidStateError { status allowedActions } } } }`

const update = async (id: string, version: number, input: AnyData, staff = author): Promise<AnyData> =>
  (await ok(product, UPDATE, { id, version, input }, { token: staff.token })).newsletterUpdate

/** Everything a refused request must leave as it was. */
const stored = (): Promise<unknown> =>
  Promise.all(
    ['newsletter', 'newsletter_content', 'delivery', 'notice'].map(table =>
      select(product.connections.db.manager, `SELECT * FROM ${table}`),
    ),
  )

test('a draft is saved over the version that was seen; an older version is refused and nothing is overwritten', async () => {
  const { id } = await makeNewsletter(product, author, topic.id)
  expect(await update(id, 1, { title: 'Second' })).toMatchObject({
    newsletter: { version: 2, title: 'Second', contents: [{ locale: 'en' }] },
    userErrors: [],
  })
  const before = await stored()
  const late = await update(id, 1, { title: 'Late', contents: [{ locale: 'en', subject: 'Late' }] })
  expect(late.userErrors).toEqual([
    {
      __typename: 'StaleVersionError',
      code: 'STALE_VERSION',
      field: ['version'],
      currentVersion: 2,
      savedBy: 'An AUTHOR',
    },
  ])
  expect(await stored()).toEqual(before)
})

test('of twenty saves over the same version one wins', async () => {
  const { id } = await makeNewsletter(product, author, topic.id)
  const saves = await Promise.all(Array.from({ length: 20 }, (_, n) => update(id, 1, { title: `Save ${n}` })))
  const winners = saves.filter(({ userErrors }) => userErrors.length === 0)
  expect(winners).toHaveLength(1)
  expect(await newsletterOf(product, id)).toMatchObject({ version: 2, title: winners[0].newsletter.title })
})

test('what is scheduled or sending cannot be edited', async () => {
  const { id } = await makeNewsletter(product, author, topic.id)
  for (const status of ['SCHEDULED', 'SENDING', 'PAUSED', 'SENT', 'CANCELLED']) {
    await product.connections.db.manager.query('UPDATE newsletter SET status = ? WHERE public_id = ?', [
      status,
      id,
    ])
    const { userErrors } = await update(id, 1, { title: 'No' })
    expect(userErrors).toMatchObject([{ __typename: 'InvalidStateError', code: 'INVALID_STATE', status }])
    expect(userErrors[0].allowedActions).not.toContain('EDIT')
  }
  expect(await newsletterOf(product, id)).toMatchObject({ version: 1, title: 'News for {{name|you}}' })
})

test.each([UNKNOWN, 'not-an-id', '', "' OR 1=1 --"])(
  'an unknown topic or newsletter (%s) is NOT_FOUND and nothing is stored',
  async wrong => {
    const before = await stored()
    const create =
      'mutation ($input: NewsletterInput!) { newsletterCreate(input: $input) { newsletter { id } userErrors { code } } }'
    const answer = await graphql(
      product,
      create,
      { input: { topicId: wrong, contents: [] } },
      { token: author.token },
    )
    if (wrong === '') expect(answer.data.newsletterCreate.userErrors).toEqual([{ code: 'REQUIRED' }])
    else expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const missing = await graphql(
      product,
      UPDATE,
      { id: wrong, version: 1, input: {} },
      { token: author.token },
    )
    expect(missing.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    expect(await stored()).toEqual(before)
  },
)

test.each<[string, AnyData, string, string[]]>([
  ['a title over 200', { title: 'x'.repeat(201) }, 'TOO_LONG', ['input', 'title']],
  [
    'a subject over 200',
    { contents: [{ locale: 'en', subject: 'x'.repeat(201) }] },
    'TOO_LONG',
    ['input', 'contents', '0', 'subject'],
  ],
  [
    'MJML over a million',
    { contents: [{ locale: 'en', subject: 'x', mjml: 'x'.repeat(1_000_001) }] },
    'TOO_LONG',
    ['input', 'contents', '0', 'mjml'],
  ],
  [
    'a locale twice',
    {
      contents: [
        { locale: 'en', subject: 'x' },
        { locale: 'en', subject: 'y' },
      ],
    },
    'INVALID',
    ['input', 'contents', '1', 'locale'],
  ],
  [
    'a locale the site has not',
    { contents: [{ locale: 'fr', subject: 'x' }] },
    'INVALID',
    ['input', 'contents', '0', 'locale'],
  ],
])('%s is refused with its path and nothing is stored', async (_name, input, code, field) => {
  const { id } = await makeNewsletter(product, author, topic.id)
  const before = await stored()
  expect((await update(id, 1, input)).userErrors).toMatchObject([{ code, field }])
  expect(await stored()).toEqual(before)
})
