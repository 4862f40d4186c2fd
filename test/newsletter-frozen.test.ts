import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { newsletterOf } from './support/checker'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'
import { startNewsletter } from './support/started'

let product: Product
let admin: Staff
let topic: AnyData
let other: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  other = await makeTopic(product, admin, 'other')
  await makeReaders(product, 2)
})
afterAll(() => product?.stop())

const ERRORS = 'userErrors { __typename code ... on InvalidStateError { status allowedActions } }'
const UPDATE = `mutation ($id: ID!, $version: Int!, $input: NewsletterInput!) {
  answer: newsletterUpdate(id: $id, version: $version, input: $input) { newsletter { id version } ${ERRORS} } }`
const TEST_SEND = `mutation ($id: ID!, $input: TestSendInput!) {
  answer: newsletterSendTest(id: $id, input: $input) { ${ERRORS} } }`
const verb = (call: string) => `mutation ($id: ID!) { answer: ${call} { ${ERRORS} } }`

type Write = [name: string, mutation: string, variables: (newsletter: AnyData) => AnyData]

const update = (name: string, input: () => AnyData): Write => [
  `newsletterUpdate with ${name}`,
  UPDATE,
  ({ version }) => ({ version, input: input() }),
]
const edits: Write[] = [
  update('a title', () => ({ title: 'Other' })),
  update('another topic', () => ({ topicId: other.id })),
  update('other contents', () => ({ contents: [{ locale: 'en', subject: 'Other', mjml: '<mjml/>' }] })),
  update('nothing', () => ({})),
  [
    'newsletterSchedule',
    `mutation ($id: ID!, $input: ScheduleInput!) { answer: newsletterSchedule(id: $id, input: $input) { ${ERRORS} } }`,
    newsletter => ({ input: scheduleInput(newsletter) }),
  ],
  ['newsletterUnschedule', verb('newsletterUnschedule(id: $id)'), () => ({})],
  ['newsletterSendTest', TEST_SEND, () => ({ input: { to: [admin.email] } })],
]
const control = (field: string): Write => [field.slice(0, field.indexOf('(')), verb(field), () => ({})]
const pause = control('newsletterPause(id: $id)')
const resume = control('newsletterResume(id: $id)')
const cancel = control('newsletterCancel(id: $id, reason: "x")')

const states: [status: string, sql: string, refused: Write[]][] = [
  ['SENDING', "status = 'SENDING'", [...edits, resume]],
  ['PAUSED', "status = 'PAUSED', pause_reason = 'MANUAL'", [...edits, pause]],
  ['SENT', "status = 'SENT', finished_at = UTC_TIMESTAMP(3)", [...edits, pause, resume, cancel]],
  ['CANCELLED', "status = 'CANCELLED', finished_at = UTC_TIMESTAMP(3)", [...edits, pause, resume, cancel]],
]

test.each(states)(
  'while a newsletter is %s every other write is refused as INVALID_STATE and changes nothing',
  async (status, sql, refused) => {
    const { newsletter } = await startNewsletter(product, admin, topic.id)
    const id = newsletter.publicId
    await product.connections.db.manager.query(`UPDATE newsletter SET ${sql} WHERE id = ?`, [newsletter.id])
    const seen = await fetchNewsletter(product, admin, id)
    const { allowedActions } = seen
    const before = await dumpDatabase(product)
    for (const [name, mutation, variables] of refused) {
      const { answer } = await ok(product, mutation, { id, ...variables(seen) }, { token: admin.token })
      expect([name, answer.userErrors]).toEqual([
        name,
        [{ __typename: 'InvalidStateError', code: 'INVALID_STATE', status, allowedActions }],
      ])
    }
    expect(await dumpDatabase(product)).toEqual(before)
  },
)

test('an edit that was begun before the start and arrives after it is refused, whatever version it names', async () => {
  const draft = await makeNewsletter(product, admin, topic.id)
  const { newsletter } = await startNewsletter(product, admin, topic.id)
  for (const version of [0, draft.version, newsletter.version, newsletter.version + 1]) {
    const variables = { id: newsletter.publicId, version, input: { title: 'Late' } }
    const { answer } = await ok(product, UPDATE, variables, { token: admin.token })
    expect(answer.userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
  }
  expect(await newsletterOf(product, newsletter.publicId)).toMatchObject({ title: newsletter.title })
})
