// What somebody sends who means ill: each of it has to be refused, cheaply and without a word of what was sent.
import { gzipSync } from 'node:zlib'

export interface Probe {
  name: string
  method: string
  headers: Record<string, string>
  body?: string | Buffer
  /** The codes that may come back. */
  codes: readonly string[]
}

/** Stands in every probe that can carry it; no answer may. */
export const CANARY = 'canary.reader@example.org'

const times = <One>(n: number, one: (index: number) => One): One[] =>
  Array.from({ length: n }, (_, n) => one(n))
const JSON_TYPE = { 'content-type': 'application/json' }
const SITE = '{ site { name } }'

const TOO_COMPLEX = ['QUERY_TOO_COMPLEX']
const BAD = ['BAD_REQUEST']

const operation = (
  name: string,
  query: string,
  codes: readonly string[] = TOO_COMPLEX,
  variables: Record<string, unknown> = { canary: CANARY },
): Probe => ({
  name,
  method: 'POST',
  headers: JSON_TYPE,
  body: JSON.stringify({ query, variables }),
  codes,
})

/** 18 fragments, each of which asks for the next one twice: 2^18 fields. */
const bomb = `{ topics { nodes { ...f0 } } } ${times(18, n => `fragment f${n} on Topic { ...f${n + 1} purpose { id } ...f${n + 1} }`).join(' ')}
  fragment f18 on Topic { name }`

const nested = (levels: number): string =>
  `{ topics { nodes { ${'purpose { '.repeat(levels)} id ${'} '.repeat(levels)} } } }`

/** Operations that are too much on any endpoint. */
const tooMuch: readonly Probe[] = [
  operation(
    '200 aliases of a field that can be guessed at',
    `{ ${times(200, n => `a${n}: topic(slug: "${CANARY}") { id }`).join(' ')} }`,
  ),
  operation('20 aliases, few tokens', `{ site { ${times(20, n => `a${n}: name`).join(' ')} } }`),
  operation('400 aliases of __typename', `{ ${times(400, n => `a${n}: __typename`).join(' ')} }`),
  operation('40 aliases of __typename, few tokens', `{ ${times(40, n => `a${n}: __typename`).join(' ')} }`),
  operation(
    'aliases in fragments',
    `{ site { ...a ...b } } ${['a', 'b'].map(f => `fragment ${f} on Site { ${times(9, n => `${f}${n}: name`).join(' ')} }`).join(' ')}`,
  ),
  operation(
    '200 aliases of a mutation',
    `mutation { ${times(200, n => `a${n}: ageCheck(birthMonth: "1990-01") { agePass }`).join(' ')} }`,
  ),
  operation(
    '5 aliases of a mutation',
    `mutation { ${times(5, n => `a${n}: ageCheck(birthMonth: "1990-01") { agePass }`).join(' ')} }`,
    [...TOO_COMPLEX, 'BAD_USER_INPUT'],
  ),
  operation('a field 450 times', `{ site { ${'name '.repeat(450)} } }`),
  operation('a field 40 times', `{ site { ${'name '.repeat(40)} } }`),
  operation('a spread 40 times', `{ site { ${'...a '.repeat(40)} } } fragment a on Site { name }`),
  operation('an inline fragment 30 times', `{ site { ${'... { name } '.repeat(30)} } }`),
  operation('300 unknown directives', `{ site { name ${'@x'.repeat(300)} } }`, [
    ...TOO_COMPLEX,
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation('30 unknown directives', `{ site { name ${'@x '.repeat(30)} } }`, [
    ...TOO_COMPLEX,
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation('20 known directives', `{ site { name ${'@include(if: true) '.repeat(20)} } }`, [
    ...TOO_COMPLEX,
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation('30 levels', nested(30), [...TOO_COMPLEX, 'GRAPHQL_VALIDATION_FAILED']),
  operation('1,500 levels', nested(1500)),
  operation('a fragment bomb', bomb),
  operation(
    'fragments in a circle',
    '{ topics { nodes { ...a } } } fragment a on Topic { id ...b } fragment b on Topic { ...a }',
    ['GRAPHQL_VALIDATION_FAILED', ...TOO_COMPLEX],
  ),
  operation('first: 200000', '{ topics(first: 200000) { nodes { id } } }'),
  operation(
    'first: 200000 in a variable',
    'query ($first: Int!) { topics(first: $first) { nodes { id } } }',
    TOO_COMPLEX,
    { first: 200_000 },
  ),
  operation(
    'first: 100, all of it',
    '{ topics(first: 100) { nodes { id slug name description cadence locales maxIssues perDays purpose { id key title description version kind } } edges { cursor node { id slug name description cadence purpose { id } } } } }',
  ),
  operation('a name of 10,000 letters', `{ site { ${'a'.repeat(10_000)} } }`, [
    ...TOO_COMPLEX,
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation(
    '5 aliases of 10,000 letters',
    `{ site { ${times(5, n => `${'a'.repeat(10_000)}${n}: name`).join(' ')} } }`,
  ),
  operation(
    'a list of 5,000 decisions',
    'mutation ($input: RegisterInput!) { readerRegister(input: $input) { accepted } }',
    [...TOO_COMPLEX, 'BAD_USER_INPUT'],
    {
      input: { email: CANARY, decisions: times(1500, () => ({})) },
    },
  ),
  operation('200 unknown fields', `{ ${times(200, n => `x${n}`).join(' ')} }`, ['GRAPHQL_VALIDATION_FAILED']),
  operation('60 unused variables', `query (${times(60, n => `$x${n}: String`).join(' ')}) ${SITE}`, [
    'GRAPHQL_VALIDATION_FAILED',
  ]),
]

/** What gives the schema away. */
const curious: readonly Probe[] = [
  operation('introspection', '{ __schema { types { name } } }', ['GRAPHQL_VALIDATION_FAILED']),
  operation('introspection of one type', '{ __type(name: "Reader") { fields { name } } }', [
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation(
    'introspection in a circle',
    '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    [...TOO_COMPLEX, 'GRAPHQL_VALIDATION_FAILED'],
  ),
  operation('a field almost right', '{ site { nam } }', ['GRAPHQL_VALIDATION_FAILED']),
  operation('an argument almost right', '{ topic(slu: "x") { id } }', ['GRAPHQL_VALIDATION_FAILED']),
  operation('a value of the wrong type', `{ topics(first: "${CANARY}") { nodes { id } } }`, [
    'GRAPHQL_VALIDATION_FAILED',
  ]),
  operation(
    'an input of the wrong type',
    'mutation ($i: RegisterInput!) { readerRegister(input: $i) { accepted } }',
    ['BAD_USER_INPUT'],
    { i: { email: [CANARY], name: CANARY } },
  ),
  operation('no GraphQL at all', `${CANARY} "${CANARY}`, ['GRAPHQL_PARSE_FAILED']),
  operation('incremental delivery', `{ site { ... @defer { name } } }`, ['GRAPHQL_VALIDATION_FAILED']),
  operation('a subscription', 'subscription { newsletterProgress(id: "x") { total } }', [
    'GRAPHQL_VALIDATION_FAILED',
    'BAD_USER_INPUT',
  ]),
]

const posted = (name: string, type: string | undefined, body: string | Buffer, codes = BAD): Probe => ({
  name,
  method: 'POST',
  headers: type ? { 'content-type': type } : {},
  body,
  codes,
})
const asGet = (name: string, query: string, headers: Record<string, string> = {}): Probe => ({
  name,
  method: `GET ?query=${encodeURIComponent(query)}`,
  headers,
  codes: BAD,
})

/** What is no POST of one JSON operation of reasonable size. */
const transports: readonly Probe[] = [
  posted(
    'lists in lists in lists',
    'application/json',
    `{"query": "${SITE}", "variables": {"x": ${'['.repeat(5000)}${'1,'.repeat(150)}1${']'.repeat(5000)}}}`,
    TOO_COMPLEX,
  ),
  posted('a batch of 20', 'application/json', JSON.stringify(times(20, () => ({ query: SITE })))),
  posted(
    'a query of 900 kB',
    'application/json',
    JSON.stringify({ query: `{ site { name # ${'x'.repeat(900_000)}\n } }` }),
    ['PAYLOAD_TOO_LARGE'],
  ),
  posted(
    'a body of 70 kB',
    'application/json',
    JSON.stringify({ query: SITE, variables: { x: 'x'.repeat(70_000) } }),
    ['PAYLOAD_TOO_LARGE'],
  ),
  posted('a form', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(SITE)}`),
  posted('plain text', 'text/plain', JSON.stringify({ query: SITE })),
  posted(
    'multipart',
    'multipart/form-data; boundary=x',
    `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${SITE}\r\n--x--\r\n`,
  ),
  {
    ...posted('a packed body', 'application/json', gzipSync(JSON.stringify({ query: SITE }))),
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
  },
  posted('broken JSON', 'application/json', `{"query": "${CANARY}`),
  asGet('a query by GET', SITE),
  asGet('a query by GET with a header no form can send', SITE, { 'apollo-require-preflight': '1' }),
  asGet('a mutation by GET', 'mutation { ageCheck(birthMonth: "1990-01") { agePass } }', JSON_TYPE),
]

export const probes: readonly Probe[] = [...tooMuch, ...curious, ...transports]

/** Sends one probe to an endpoint. */
export function sendProbe(url: string, probe: Probe): Promise<Response> {
  const [method = 'POST', search = ''] = probe.method.split(' ')
  // undici would add a content type for a text body; bytes have none.
  const body = probe.body === undefined ? undefined : Buffer.from(probe.body)
  return fetch(`${url}${search}`, { method, headers: probe.headers, body })
}
