// What a reader who is logged in may send, generated from the schema: texts that are too long or are no such thing.
import type { GraphQLSchema } from 'graphql'
import { buildPublicSchema } from '../src/api/schema'
import { makeStaff, makeTopic } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { expectNoChange } from './support/dump'
import { loggedInReader, type OwnReader } from './support/own-data'
import { type Product, startProduct } from './support/product'
import { operationFor, rootsOf } from './support/schema-walk'

let product: Product
let schema: GraphQLSchema
let own: OwnReader

beforeAll(async () => {
  product = await startProduct()
  schema = await buildPublicSchema()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
  own = await loggedInReader(product)
})
afterAll(() => product?.stop())

const CANARY = 'zzcanaryzz'
const LONG = CANARY.repeat(1_000)
const wrongTexts = [LONG, `${CANARY}\u0000`, `${CANARY}' OR 1=1 --`, `../${CANARY}`, `<b>${CANARY}</b>`]

/** Where a text stands that is not only looked up: nothing of it is wrong but its length. */
const ANY_TEXT = ['profileSave.name']

/** The mutations of a reader's own centre and rights, each with every text it takes, also those that may be left out. */
const CASES: Record<string, { query: string; texts: string[]; variables: AnyData }> = {
  consentSave: {
    query: 'mutation ($input: ConsentInput!) { consentSave(input: $input) { userErrors { code } } }',
    texts: ['decisions.0.purposeKey', 'token'],
    variables: {
      policyVersion: '1',
      surface: 'MOBILE_APP',
      method: 'SAVE_CHOICES',
      decisions: [{ purposeKey: 'personalisation', purposeVersion: 1, granted: false }],
    },
  },
  topicPreferenceSave: {
    query:
      'mutation ($input: TopicPreferenceInput!) { topicPreferenceSave(input: $input) { userErrors { code } } }',
    texts: ['topicSlug', 'token'],
    variables: { topicSlug: 'weekly', frequency: 'AT_MOST_MONTHLY' },
  },
  subscriptionsPause: {
    query: 'mutation ($input: PauseInput!) { subscriptionsPause(input: $input) { userErrors { code } } }',
    texts: ['token'],
    variables: { until: new Date(Date.now() + 86_400_000).toISOString() },
  },
  profileSave: {
    query: 'mutation ($input: ProfileInput!) { profileSave(input: $input) { userErrors { code } } }',
    texts: ['name', 'locale', 'timeZone'],
    variables: {},
  },
  reauthenticate: {
    query: 'mutation ($input: ReauthInput!) { reauthenticate(input: $input) { userErrors { code } } }',
    texts: ['code'],
    variables: {},
  },
  emailChangeStart: {
    query: 'mutation ($newEmail: String!) { emailChangeStart(newEmail: $newEmail) { userErrors { code } } }',
    texts: ['newEmail'],
    variables: {},
  },
  dataExportRequest: {
    query: 'mutation ($code: String) { dataExportRequest(code: $code) { userErrors { code } } }',
    texts: ['code'],
    variables: {},
  },
  dataErasureRequest: {
    query:
      'mutation ($code: String) { dataErasureRequest(confirm: true, code: $code) { userErrors { code } } }',
    texts: ['code'],
    variables: {},
  },
  dataRequestCancel: {
    query: 'mutation ($id: ID!) { dataRequestCancel(id: $id) { userErrors { code } } }',
    texts: ['id'],
    variables: {},
  },
  readerUnrestrict: {
    query: 'mutation ($code: String) { readerUnrestrict(code: $code) { userErrors { code } } }',
    texts: ['code'],
    variables: {},
  },
  sessionRevoke: {
    query: 'mutation ($id: ID!) { sessionRevoke(id: $id) { userErrors { code } } }',
    texts: ['id'],
    variables: {},
  },
}

/** A copy of the variables with this text at the path. */
function withText(variables: AnyData, path: string, text: string): AnyData {
  const copy = structuredClone(variables)
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  const place = steps.reduce((at, step) => at[step], copy)
  place[last] = text
  return copy
}

test.each(Object.entries(CASES))(
  '%s refuses every text that is too long or no such thing, says nothing of it back and changes nothing',
  async (name, { query, texts, variables }) => {
    await expectNoChange(product, async () => {
      for (const path of texts)
        for (const text of ANY_TEXT.includes(`${name}.${path}`) ? [LONG] : wrongTexts) {
          const changed = withText(variables, path, text)
          const asked = query.includes('$input') ? { input: changed } : changed
          const answer = await graphql(product, query, asked, { token: own.accessToken, staff: false })
          const codes = [
            ...(answer.errors ?? []).map(error => error.extensions.code),
            ...(answer.data?.[name]?.userErrors ?? []).map((error: AnyData) => error.code),
          ]
          expect([path, text.slice(0, 20), codes.length]).toEqual([path, text.slice(0, 20), 1])
          expect(codes).not.toContain('INTERNAL')
          expect(JSON.stringify(answer)).not.toContain(CANARY)
        }
    })
  },
)

test('no argument that is needed may be missing or null, in any mutation, and nothing changes', async () => {
  await expectNoChange(product, async () => {
    for (const root of rootsOf(schema).filter(({ kind }) => kind === 'mutation')) {
      const { query, variables } = operationFor(root)
      for (const missing of Object.keys(variables))
        for (const value of [null, undefined]) {
          const asked = { ...variables, [missing]: value }
          const { status, errors } = await graphql(product, query, asked, {
            token: own.accessToken,
            staff: false,
          })
          expect([root.field.name, missing, status, errors?.[0]?.extensions.code]).toEqual([
            root.field.name,
            missing,
            400,
            'BAD_USER_INPUT',
          ])
        }
    }
  })
})

test('one request does one thing once: the same mutation twice is refused as a whole', async () => {
  await expectNoChange(product, async () => {
    for (const root of rootsOf(schema).filter(({ kind }) => kind === 'mutation')) {
      const { query, variables } = operationFor(root)
      const [head = '', ...rest] = query.split(' { ')
      const call = rest.join(' { ').replace(/ }\s*$/, '')
      const twice = `${head} { one: ${call} two: ${call} }`
      const { status, errors } = await graphql(product, twice, variables, {
        token: own.accessToken,
        staff: false,
      })
      expect([root.field.name, status, errors?.length]).toEqual([root.field.name, 400, 1])
    }
  })
})
