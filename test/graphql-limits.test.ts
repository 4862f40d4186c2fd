import { makeStaff, makeTopic, REGISTER, registerInput, type Staff } from './support/actors'
import { graphql } from './support/api'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product
let api: MoreApi
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  for (let n = 0; n < 8; n++) await makeTopic(product, admin, `topic-${n}`)
  api = await startMoreApi(product, { NODE_ENV: 'production' })
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

const FIELDS = ['name', 'contact', 'locales', 'defaultLocale', 'asksBirthMonth']
const field = (index: number): string => FIELDS[index % FIELDS.length] ?? ''
const list = (n: number, one: (index: number) => string): string =>
  Array.from({ length: n }, (_, index) => one(index)).join(' ')

/** `{ site { name } }` is 6 tokens, each pair of braces around it 3 more. */
const tokens = (n: number): string =>
  `{ ${list((n - 6) / 3, () => '... {')} site { name } ${list((n - 6) / 3, () => '}')} }`
const aliases = (n: number): string => `{ site { ${list(n, i => `a${i}: ${field(i)}`)} } }`
const directives = (n: number): string =>
  `{ site { ${list(n, i => `${i % 2 ? '@skip(if: false)' : `${field(i / 2)} @include(if: true)`}`)} } }`
const levels = (n: number): string =>
  `{ topics { nodes { ${'purpose { '.repeat(n - 3)} id ${'} '.repeat(n - 3)} } } }`
const repeats = (n: number): string => `{ site { ${'name '.repeat(n)} } }`

const codeOf = async (query: string, staff: boolean, variables = {}): Promise<string | undefined> =>
  (await graphql(api, query, variables, { staff })).errors?.[0]?.extensions.code

describe.each([
  ['tokens', tokens, [300, 303], [798, 801]],
  ['aliases', aliases, [5, 6], [10, 11]],
  ['directives', directives, [5, 6], [10, 11]],
  ['times the same field', repeats, [3, 4], [5, 6]],
] as const)('of %s an operation may have', (_what, operation, visitors, staff) => {
  test.each([
    ['visitors', visitors, false],
    ['staff', staff, true],
  ] as const)(`for %s %j: the first passes, the second is refused`, async (_who, [most, over], isStaff) => {
    expect(await codeOf(operation(most), isStaff)).toBeUndefined()
    expect(await codeOf(operation(over), isStaff)).toBe('QUERY_TOO_COMPLEX')
  })
})

test('an operation may have 8 levels for staff, fragments unfolded; the public schema has none with more than 6', async () => {
  const eight = (id: string) =>
    `{ newsletters(first: 1) { nodes { deliveries(first: 1) { nodes { newsletter { deliveries(first: 1) { nodes { ${id} } } } } } } } }`
  const inFragments = (id: string) => `{ newsletters(first: 1) { nodes { ...a } } }
    fragment a on Newsletter { deliveries(first: 1) { nodes { newsletter { ...b } } } }
    fragment b on Newsletter { deliveries(first: 1) { nodes { ${id} } } }`

  for (const operation of [eight, inFragments]) {
    expect(await codeOf(operation('id'), true)).toBe('UNAUTHENTICATED')
    expect(await codeOf(operation('reader { id }'), true)).toBe('QUERY_TOO_COMPLEX')
  }
  expect(await codeOf(levels(4), false)).toBeUndefined()
  expect(await codeOf(levels(7), false)).toBe('GRAPHQL_VALIDATION_FAILED')
})

describe('cost', () => {
  const dear =
    '{ topics(first: 100) { nodes { id slug name description cadence locales maxIssues purpose { id key title } } } }'

  test('the same operation is refused to a visitor and allowed to staff; the answer names cost and budget', async () => {
    const refused = await graphql(api, dear)

    expect(refused).toMatchObject({ status: 400, errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }] })
    expect(refused.errors?.[0]?.message).toMatch(/costs \d+, you may spend 1000/)
    expect((await graphql(api, dear, {}, { token: admin.token })).data.topics.nodes).toHaveLength(8)
  })

  test('what is worked out for each object counts more: checklists of 20 newsletters, not of 100', async () => {
    const checklists = 'query ($first: Int!) { newsletters(first: $first) { nodes { checklist { ready } } } }'
    const ask = (first: number) => graphql(api, checklists, { first }, { token: admin.token })

    expect((await ask(20)).errors).toBeUndefined()
    expect((await ask(100)).errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })

  test('what is skipped costs nothing, and variables that do not fit are a mistake of the caller', async () => {
    const maybe = `query ($all: Boolean!) { topics(first: 100) { nodes { id
      ... @include(if: $all) { slug name description cadence locales maxIssues purpose { id key title } } } } }`

    expect(await codeOf(maybe, false, { all: false })).toBeUndefined()
    expect(await codeOf(maybe, false, { all: true })).toBe('QUERY_TOO_COMPLEX')
    expect(await codeOf(maybe, false, { all: 'x' })).toBe('BAD_USER_INPUT')
  })
})

test('lists of inputs have at most 100 items, in variables and in the operation', async () => {
  const input = await registerInput(product, [])
  const decisions = (n: number) => ({ ...input, decisions: Array.from({ length: n }, () => ({})) })

  expect(await codeOf(REGISTER, false, { input: decisions(101) })).toBe('QUERY_TOO_COMPLEX')
  expect(await codeOf(REGISTER, false, { input: decisions(100) })).toBe('BAD_USER_INPUT')
  const literal = `{ newsletters(filter: { status: [${'DRAFT '.repeat(101)}] }) { nodes { id } } }`
  expect(await codeOf(literal, true)).toBe('QUERY_TOO_COMPLEX')
})

describe('bodies', () => {
  const site = (bytes: number) => ({ query: '{ site { name } }', variables: { x: 'x'.repeat(bytes) } })
  const status = async (path: string, bytes: number, token?: string) => {
    const headers = {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    }
    const body = JSON.stringify(site(bytes))
    return (await fetch(api.url + path, { method: 'POST', headers, body })).status
  }

  test('of up to 64 kB are read, on the staff endpoint of up to 2 MB from those who are logged in', async () => {
    for (const path of ['/graphql', '/graphql/staff']) {
      expect(await status(path, 60_000)).toBe(200)
      expect(await status(path, 70_000)).toBe(413)
    }
    expect(await status('/graphql', 70_000, admin.token)).toBe(413)
    expect(await status('/graphql/staff', 70_000, 'A'.repeat(43))).toBe(413)
    expect(await status('/graphql/staff', 1_900_000, admin.token)).toBe(200)
    expect(await status('/graphql/staff', 2_100_000, admin.token)).toBe(413)
  })
})

test('every answer has an id of its own, whatever id the client sends', async () => {
  const ids = new Set<string | null>()
  for (const path of ['/healthz', '/subscribe', '/nowhere', '/graphql'])
    ids.add(
      (await fetch(api.url + path, { headers: { 'x-request-id': 'mine' } })).headers.get('x-request-id'),
    )

  expect(ids.size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
})
