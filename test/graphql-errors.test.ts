import fc from 'fast-check'
import { getIntrospectionQuery } from 'graphql'
import { makeStaff, makeTopic, REGISTER, registerInput } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { dumpDatabase } from './support/dump'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

const CANARY = 'canary.reader@example.org'
const JSON_TYPE = { 'content-type': 'application/json' }
const paths = ['/graphql', '/graphql/staff']
let product: Product

beforeAll(async () => {
  product = await startProduct({ worker: false })
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

async function send(
  path: string,
  init: RequestInit,
): Promise<{ status: number; text: string; codes: string[] }> {
  const response = await fetch(product.url + path, { method: 'POST', redirect: 'manual', ...init })
  const text = await response.text()
  const body = text.startsWith('{') ? (JSON.parse(text) as AnyData) : {}
  return {
    status: response.status,
    text,
    codes: (body.errors ?? []).map((error: AnyData) => error.extensions?.code),
  }
}

describe.each(paths)('%s', path => {
  test.each([
    ['malformed JSON', '{"query": "{ site', 'BAD_REQUEST'],
    ['a JSON value that is no request', '"{ site { name } }"', 'BAD_REQUEST'],
    ['no query', '{}', 'BAD_REQUEST'],
    ['a query that is no text', '{"query": 1}', 'BAD_REQUEST'],
    ['variables that are no object', '{"query": "{ site { name } }", "variables": "x"}', 'BAD_REQUEST'],
    ['a batch', '[{"query": "{ site { name } }"}, {"query": "{ site { name } }"}]', 'BAD_REQUEST'],
    ['a query that is none', '{"query": "{ site { "}', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{"query": "{ site { password } }"}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', '{"query": "{ site(all: true) { name } }"}', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a missing variable',
      '{"query": "mutation ($m: String!) { ageCheck(birthMonth: $m) { agePass } }"}',
      'BAD_USER_INPUT',
    ],
    [
      'an unknown operation',
      '{"query": "query A { site { name } }", "operationName": "B"}',
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a persisted query',
      '{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}',
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
  ])('%s is a 400 with its own code', async (_what, body, code) => {
    const { status, codes } = await send(path, { headers: JSON_TYPE, body })

    expect(status === 400 || code === 'PERSISTED_QUERY_NOT_SUPPORTED').toBe(true)
    expect(codes).toEqual([code])
  })

  test('a body above the limit is a 413', async () => {
    const body = JSON.stringify({ query: '{ site { name } }', x: 'x'.repeat(3_000_000) })

    expect(await send(path, { headers: JSON_TYPE, body })).toMatchObject({
      status: 413,
      codes: ['PAYLOAD_TOO_LARGE'],
    })
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is a 405 that names POST', async method => {
    const response = await fetch(`${product.url}${path}?query={site{name}}`, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
  ])('the content type %s is refused: a form of another site cannot send operations', async type => {
    const body = JSON.stringify({ query: '{ site { name } }' })

    const { status, codes } = await send(path, { headers: { 'content-type': type }, body })

    expect(status).toBe(400)
    expect(codes).toEqual(['BAD_REQUEST'])
  })
})

describe('no answer echoes what was sent', () => {
  const register = async (input: AnyData): Promise<string> =>
    JSON.stringify(await graphql(product, REGISTER, { input }))

  test('an address anywhere in the variables', async () => {
    const valid = await registerInput(product, ['topic:weekly'])
    const before = await dumpDatabase(product, 'registration', 'notice')
    const wrong = [CANARY, [CANARY], { [CANARY]: 1 }, { email: CANARY }, ` at "${CANARY}"`]
    const inputs: AnyData[] = [
      ...Object.keys(valid).flatMap(key =>
        wrong.map(value => ({ ...valid, [key]: value, email: { x: CANARY } })),
      ),
      ...wrong.map(value => ({
        ...valid,
        decisions: [{ purposeKey: 'x', purposeVersion: value, granted: CANARY }],
      })),
      { ...valid, [CANARY]: CANARY },
      { [CANARY]: valid, email: CANARY },
      ...wrong,
    ]

    for (const input of inputs) expect(await register(input)).not.toContain(CANARY)
    expect(await dumpDatabase(product, 'registration', 'notice')).toEqual(before)
  })

  test('an address anywhere in the operation', async () => {
    const text = JSON.stringify(CANARY)
    const operations = [
      `mutation { readerConfirm(${text}) { reader { id } } }`,
      `mutation { readerConfirm(token: ${text} ${text}) { reader { id } } }`,
      `mutation { ageCheck(birthMonth: [${text}]) { agePass } }`,
      `mutation { ageCheck(birthMonth: """${CANARY}""", x: ${text}) { agePass } }`,
      `mutation { readerRegister(input: { email: ${text}, surface: ${text} }) { accepted } }`,
      `mutation { unsubscribe(input: { scope: ${text}, token: ${text} }) { userErrors { code } } }`,
      `{ topics @include(if: ${text}) { id } }`,
      `${text} { site { name } }`,
      `{ site { name } } # ${CANARY} \n ${text}`,
      `{ site { name } ${CANARY} }`,
      `query ($x: String = ${text} ${text}) { site { name } }`,
      `"unfinished ${CANARY}`,
    ]

    for (const query of operations) {
      const answer = await graphql(product, query)
      expect(answer.errors?.length).toBeGreaterThan(0)
      expect(JSON.stringify(answer)).not.toContain(CANARY)
    }
    const unknown = await send('/graphql', {
      headers: JSON_TYPE,
      body: JSON.stringify({ query: 'query A { site { name } }', operationName: CANARY }),
    })
    expect(unknown.text).not.toContain(CANARY)
  })

  test('an address put at any place of a good operation', async () => {
    const good =
      'mutation { readerRegister(input: { email: "x", decisions: [{ granted: true }] }) { accepted } }'
    const position = fc.nat({ max: good.length })
    const spelled = fc.constantFrom(CANARY, JSON.stringify(CANARY), `"""${CANARY}"""`, `{ "${CANARY}": 1 }`)

    await fc.assert(
      fc.asyncProperty(position, spelled, async (index, piece) => {
        const answer = await graphql(product, good.slice(0, index) + piece + good.slice(index))

        expect(JSON.stringify(answer)).not.toContain(CANARY)
      }),
      { numRuns: 150 },
    )
  })
})

describe('introspection', () => {
  const query = '{ __schema { queryType { name } } }'

  test('answers outside production', async () => {
    for (const staff of [false, true])
      expect((await graphql(product, query, {}, { staff })).data).toEqual({
        __schema: { queryType: { name: 'Query' } },
      })
  })

  test('answers the whole query of the usual tools', async () => {
    for (const staff of [false, true]) {
      const { data, errors } = await graphql(product, getIntrospectionQuery(), {}, { staff })
      expect(errors).toBeUndefined()
      expect(data.__schema.types.length).toBeGreaterThan(20)
    }
  })

  test('is off in production, also for single types and as a hint in an error', async () => {
    const api = await startMoreApi(product, { NODE_ENV: 'production' })
    try {
      for (const staff of [false, true])
        for (const one of [query, '{ __type(name: "Reader") { name } }', '{ site { nam } }']) {
          const answer = await graphql(api, one, {}, { staff })
          expect(answer).toMatchObject({
            status: 400,
            errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
          })
          expect(JSON.stringify(answer)).not.toMatch(/Did you mean|queryType"/)
        }
      expect((await graphql(api, '{ site { name } }')).data.site.name).toBe('We Interrupt')
    } finally {
      await api.stop()
    }
  })
})
