import fc from 'fast-check'
import type { GraphQLSchema } from 'graphql'
import { buildPublicSchema, buildStaffSchema } from '../src/api/schema'
import { createApiKey } from '../src/consent/api-keys'
import { openSession } from '../src/consent/reader-sessions'
import { apiScopes } from '../src/entities/api-key'
import { SessionTransport } from '../src/entities/session-transport'
import type { StaffRole } from '../src/entities/staff-user'
import { transaction } from '../src/transaction'
import { agePass, MJML, makeNewsletter, makeStaff, makeTopic } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'
import { type Draw, type Known, type Operation, randomOperation } from './support/random-operation'
import { type Root, rootsOf } from './support/schema-walk'

/** `npm run fuzz` takes a minute for each endpoint. */
/** Of `npm run fuzz`; in `npm test` so many operations, however long a busy machine takes for them. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0)
const OPERATIONS = 400

/** Typed into every field that takes text: no error may say it back. */
const CANARY = 'canary.typed@example.org'

let product: Product
let known: Known
let stranger: KnownReader
let caller: KnownReader

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const admin = await makeStaff(product, 'ADMIN')
  const topics = [await makeTopic(product, admin, 'weekly'), await makeTopic(product, admin, 'monthly')]
  const readers = await makeReaders(product, 3, { name: n => `Zoë Kanarienvogel ${n}` })
  ;[stranger, caller] = readers as [KnownReader, KnownReader]
  const third = readers[2] as KnownReader
  const newsletters = [
    await makeNewsletter(product, admin, topics[0].id),
    await makeNewsletter(product, admin, topics[0].id),
  ]
  const token = await unsubscribeToken(product, newsletters[0].id, third)
  known = {
    String: [
      CANARY,
      ...['weekly', 'topic:weekly', 'topic:monthly', '1', 'newsletters:read', 'readers:register'],
      ...[MJML, await agePass(product), token, third.email, admin.email],
      ...newsletters.map(({ checklist }) => checklist.contentHash),
    ],
    ID: [...topics, ...newsletters].map(one => one.id).concat(third.publicId, CANARY),
  }
})
afterAll(() => product?.stop())

const logIn: Record<string, () => Promise<string | undefined>> = {
  VISITOR: async () => undefined,
  READER: async () => {
    const wanted = { transport: SessionTransport.BEARER, device: null }
    return (await transaction(product.connections.db, tx => openSession(tx, caller, wanted))).token
  },
  PROGRAM: async () => {
    const wanted = { staffId: 1, name: 'x', scopes: apiScopes, expiresAt: new Date(Date.now() + 3_600_000) }
    return (await transaction(product.connections.db, tx => createApiKey(tx, wanted)))?.secret
  },
  ...Object.fromEntries(
    (['AUTHOR', 'PUBLISHER', 'ADMIN'] satisfies StaffRole[]).map(role => [
      role,
      async () => (await makeStaff(product, role)).token,
    ]),
  ),
}

/** Who acts: logged in again whenever an operation has ended the log-in. */
const tokens = new Map<string, string | undefined>()
async function tokenOf(who: string): Promise<string | undefined> {
  if (!tokens.has(who)) tokens.set(who, await logIn[who]?.())
  return tokens.get(who)
}

const CODES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'NOT_FOUND',
  'QUERY_TOO_COMPLEX',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
]
const INSIDES =
  /\bER_[A-Z]|SELECT |INSERT |Duplicate entry|Cannot read|is not a function|node_modules|\n\s+at |ECONN|Redis/

/** What the server said to the client in words of its own. */
const wordsOf = (answer: AnyData): string => JSON.stringify([answer.errors ?? [], userErrorsIn(answer.data)])

function userErrorsIn(data: AnyData): unknown[] {
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([name, value]) =>
    name.endsWith('userErrors') ? [value] : userErrorsIn(value),
  )
}

function mustBeHarmless(who: string, answer: AnyData): void {
  expect([200, 400, 401, 403, 429]).toContain(answer.status)
  for (const { extensions } of answer.errors ?? []) expect(CODES).toContain(extensions.code)
  const words = wordsOf(answer)
  expect(words).not.toContain(CANARY)
  expect(words).not.toMatch(INSIDES)
  // Admins see readers in full, and each page of them leaves an audit event.
  const open = who === 'ADMIN' ? words : JSON.stringify(answer)
  for (const secret of [stranger.email, stranger.name]) expect(open).not.toContain(secret)
}

const drawOf = (g: fc.GeneratorValue): Draw => ({ below: count => g(fc.nat, { max: count - 1 }) })

interface Ran {
  /** Root fields that were answered without an error. */
  answered: Set<string>
  operations: number
  executed: number
}

async function fuzz(schema: GraphQLSchema, isStaff: boolean): Promise<Ran> {
  const roots: Root[] = rootsOf(schema).filter(({ kind }) => kind !== 'subscription')
  const callers = isStaff
    ? ['VISITOR', 'PROGRAM', 'AUTHOR', 'PUBLISHER', 'ADMIN', 'ADMIN']
    : ['VISITOR', 'READER']
  const ran: Ran = { answered: new Set(), operations: 0, executed: 0 }
  const run = async (who: string, root: Root, { query, variables }: Operation): Promise<void> => {
    const token = await tokenOf(who)
    const answer = await graphql(product, query, variables, { token, staff: isStaff })
    if (answer.errors?.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED')) tokens.delete(who)
    ran.operations++
    if (answer.status === 200) ran.executed++
    if (!answer.errors) ran.answered.add(root.field.name)
    mustBeHarmless(who, answer)
  }
  await fc.assert(
    fc.asyncProperty(fc.gen(), async g => {
      const draw = drawOf(g)
      const who = callers[draw.below(callers.length)] as string
      const root = roots[draw.below(roots.length)] as Root
      const operation = randomOperation(schema, root, known, draw)
      await run(who, root, operation).catch(error => {
        throw new Error(`${error.message}\n${who}: ${JSON.stringify(operation)}`)
      })
    }),
    {
      includeErrorInReport: true,
      ...(SECONDS > 0
        ? { numRuns: 1_000_000, interruptAfterTimeLimit: SECONDS * 1000 }
        : { numRuns: OPERATIONS }),
    },
  )
  return ran
}

test.each([
  ['/graphql', buildPublicSchema, false],
  ['/graphql/staff', buildStaffSchema, true],
] as const)(
  'whatever valid operation is sent to %s, nothing breaks, leaks or is said back',
  async (_path, build, isStaff) => {
    const schema = await build()
    const { answered, executed, operations } = await fuzz(schema, isStaff)
    // It means something only if most of them were carried out.
    expect(executed / operations).toBeGreaterThan(0.4)
    expect(answered.size).toBeGreaterThan(10)
  },
  SECONDS * 1000 + 60_000,
)
