import type { Express } from 'express'
import type { GraphQLSchema } from 'graphql'
import {
  type AccessRule,
  accessRules,
  isAllowed,
  mustHaveAccessRules,
  mustHaveRouteRules,
  routesOf,
} from '../src/api/access'
import { doors } from '../src/api/doors'
import { buildPublicSchema, buildStaffSchema } from '../src/api/schema'
import { createServer } from '../src/api/server'
import { openSession } from '../src/consent/reader-sessions'
import { Reader } from '../src/entities/reader'
import { SessionTransport } from '../src/entities/session-transport'
import { type StaffRole, staffRoles } from '../src/entities/staff-user'
import { createLog } from '../src/log'
import { transaction } from '../src/transaction'
import { makeStaff } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'
import { operationFor, type Root, rootsOf } from './support/schema-walk'

let product: Product
let publicSchema: GraphQLSchema
let staffSchema: GraphQLSchema

beforeAll(async () => {
  product = await startProduct({ worker: false })
  publicSchema = await buildPublicSchema()
  staffSchema = await buildStaffSchema()
})
afterAll(() => product?.stop())

const isOpen = (rule: AccessRule): boolean => rule === 'ANYONE' || rule === 'TOKEN'

test('every root field of both schemas and every door has a rule that exists', () => {
  for (const schema of [publicSchema, staffSchema]) {
    const roots = rootsOf(schema)
    expect(roots.length).toBeGreaterThan(5)
    for (const { rule } of roots) expect(accessRules).toContain(rule)
    expect(() => mustHaveAccessRules(schema)).not.toThrow()
  }
  for (const { access } of doors) expect(accessRules).toContain(access)
})

test('a root field without a rule stops the start and is named', () => {
  const field = rootsOf(staffSchema)[0]?.field
  if (!field) throw new Error('No root field')
  const extensions = field.extensions
  field.extensions = {}

  expect(() => mustHaveAccessRules(staffSchema)).toThrow(`Without an access rule: Query.${field.name}`)

  field.extensions = extensions
})

test('the public schema has nothing that needs staff, and no staff operation exists on its endpoint', async () => {
  const open = new Set(rootsOf(publicSchema).map(({ field }) => field.name))
  expect(rootsOf(publicSchema).filter(({ rule }) => !isOpen(rule) && rule !== 'READER')).toEqual([])

  for (const root of rootsOf(staffSchema).filter(({ field }) => !open.has(field.name))) {
    const { query, variables } = operationFor(root)
    const answer = await graphql(product, query, variables)
    expect(answer.status).toBe(400)
    expect(answer.errors?.map(({ message }) => message).join()).toContain(`"${root.field.name}" on type`)
  }
})

type Caller = 'VISITOR' | 'READER' | StaffRole
const callers: readonly Caller[] = ['VISITOR', 'READER', ...staffRoles]

/** Who may call a field with this rule, told once more and in full: a new rule needs its line here. */
const mayCall: Record<AccessRule, readonly Caller[]> = {
  ANYONE: callers,
  TOKEN: callers,
  READER: ['READER'],
  // By key alone: processors.test.ts.
  PROCESSOR: [],
  AUTHOR: ['AUTHOR', 'PUBLISHER', 'ADMIN'],
  PUBLISHER: ['PUBLISHER', 'ADMIN'],
  ADMIN: ['ADMIN'],
}

async function tokenOf(caller: Caller): Promise<string | undefined> {
  if (caller === 'VISITOR') return undefined
  if (caller !== 'READER') return (await makeStaff(product, caller)).token
  const { db } = product.connections
  const [{ id } = { id: 0 }] = await makeReaders(product, 1, { purposes: ['personalisation'] })
  const reader = await db.manager.findOneByOrFail(Reader, { id })
  const wanted = { transport: SessionTransport.BEARER, device: null }
  return (await transaction(db, tx => openSession(tx, reader, wanted))).token
}

async function call(root: Root, staff: boolean, token: string | undefined): Promise<string> {
  const { query, variables } = operationFor(root)
  if (root.kind === 'subscription') return subscribe(query, variables, staff, token)
  return JSON.stringify(await graphql(product, query, variables, { token, staff }))
}

async function subscribe(query: string, variables: AnyData, staff: boolean, token?: string): Promise<string> {
  const response = await fetch(`${product.url}/graphql${staff ? '/staff' : ''}/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  return response.text()
}

const REFUSED = /"code":"(UNAUTHENTICATED|FORBIDDEN)"/

/** Every root field of both endpoints. */
const everyRoot = () => [
  ...rootsOf(publicSchema).map(root => ({ root, isStaff: false })),
  ...rootsOf(staffSchema).map(root => ({ root, isStaff: true })),
]

describe.each(callers)('%s', caller => {
  test('may call every field whose rule allows it, on both endpoints', async () => {
    const shared = await tokenOf(caller)
    for (const { root, isStaff } of everyRoot().filter(one => mayCall[one.root.rule].includes(caller))) {
      // A mutation may end the log-in it comes with.
      const token = root.kind === 'mutation' ? await tokenOf(caller) : shared
      expect(`${root.field.name} ${await call(root, isStaff, token)}`).not.toMatch(REFUSED)
    }
  })

  test('is refused every other field, and nothing changes', async () => {
    const token = await tokenOf(caller)
    const above = everyRoot().filter(({ root }) => !mayCall[root.rule].includes(caller))
    const tokens = caller === 'VISITOR' ? [undefined, 'A'.repeat(43), "' OR 1=1 --"] : [token]
    const before = await dumpDatabase(product)

    for (const { root, isStaff } of above)
      for (const one of tokens)
        expect(`${root.field.name} ${await call(root, isStaff, one)}`).toMatch(REFUSED)

    expect(above).not.toHaveLength(0)
    expect(await dumpDatabase(product)).toEqual(before)
  })
})

test('the matrix and the code agree on every rule and caller', () => {
  for (const rule of accessRules)
    for (const caller of callers)
      expect({ rule, caller, may: isAllowed(caller === 'VISITOR' ? undefined : caller, rule) }).toEqual({
        rule,
        caller,
        may: mayCall[rule].includes(caller),
      })
})

test('the published SDL says of every root field who may call it', () => {
  for (const schema of [publicSchema, staffSchema])
    for (const { field } of rootsOf(schema)) expect(field.description).toMatch(/(^|\n)Access: [\w, ]+\.$/)
})

const PUBLIC_ROOTS = [
  'mutation ageCheck',
  'mutation confirmationResend',
  'mutation consentSave',
  'mutation dataErasureRequest',
  'mutation dataExportRequest',
  'mutation dataRequestCancel',
  'mutation emailChangeConfirm',
  'mutation emailChangeStart',
  'mutation linkFeedbackSubmit',
  'mutation loginComplete',
  'mutation loginStart',
  'mutation logout',
  'mutation profileSave',
  'mutation readerConfirm',
  'mutation readerObject',
  'mutation readerRegister',
  'mutation readerRestrict',
  'mutation readerUnrestrict',
  'mutation reauthenticate',
  'mutation registrationDeny',
  'mutation sessionRefresh',
  'mutation sessionRevoke',
  'mutation statRecord',
  'mutation subscriptionsPause',
  'mutation subscriptionsResume',
  'mutation topicPreferenceSave',
  'mutation unsubscribe',
  'mutation visitorConsentSave',
  'query directoryLinks',
  'query linkToken',
  'query policies',
  'query policy',
  'query processors',
  'query promises',
  'query site',
  'query topic',
  'query topics',
  'query viewer',
  'subscription dataRequestUpdated',
]

const PUBLIC_TYPES = [
  'AcceptedPayload',
  'AgeCheckPayload',
  'AgreedWords',
  'Agreement',
  'AgreementKind',
  'Boolean',
  'ChallengeRequiredError',
  'Consent',
  'ConsentEvent',
  'ConsentEventConnection',
  'ConsentEventEdge',
  'ConsentInput',
  'ConsentMethod',
  'ConsentStatus',
  'ConsentSurface',
  'DataRequest',
  'DataRequestKind',
  'DataRequestPayload',
  'Date',
  'DateTime',
  'DecisionInput',
  'Delivery',
  'DeliveryConnection',
  'DeliveryEdge',
  'DeliveryStatus',
  'DirectoryLink',
  'DirectoryLinkConnection',
  'DirectoryLinkEdge',
  'DirectoryLinkPayload',
  'Disclosure',
  'DisclosureConnection',
  'DisclosureEdge',
  'EmailInput',
  'ErrorCode',
  'FeedbackCount',
  'FeedbackKind',
  'Frequency',
  'ID',
  'InputError',
  'Int',
  'JobStatus',
  'LinkFeedbackInput',
  'LinkPurpose',
  'LinkStatus',
  'LinkTokenInfo',
  'Locale',
  'LoginCompleteInput',
  'Mutation',
  'PageInfo',
  'PauseInput',
  'PolicyVersion',
  'PolicyVersionConnection',
  'PolicyVersionEdge',
  'Processor',
  'ProcessorConnection',
  'ProcessorEdge',
  'ProcessorStatus',
  'ProfileInput',
  'Promise',
  'Purpose',
  'PurposeKind',
  'Query',
  'RateLimitedError',
  'Reader',
  'ReaderPayload',
  'ReaderStatus',
  'ReauthInput',
  'RegisterInput',
  'Role',
  'Session',
  'SessionPayload',
  'SessionTokens',
  'SessionTransport',
  'Site',
  'SkipReason',
  'StalePolicyError',
  'StatEventInput',
  'StatMetric',
  'String',
  'Subscription',
  'TimeZone',
  'Topic',
  'TopicConnection',
  'TopicEdge',
  'TopicPreference',
  'TopicPreferenceInput',
  'UnsubscribeInput',
  'UnsubscribeScope',
  'UserError',
  'Viewer',
  'VisitorConsent',
  'VisitorConsentPayload',
  'VisitorDecision',
]

describe('the public schema is this and no more: what is added here was meant for everybody', () => {
  test('its root fields', () => {
    expect(
      rootsOf(publicSchema)
        .map(({ kind, field }) => `${kind} ${field.name}`)
        .sort(),
    ).toEqual(PUBLIC_ROOTS)
  })

  test('its types', () => {
    const types = Object.keys(publicSchema.getTypeMap()).filter(name => !name.startsWith('__'))
    expect(types.sort()).toEqual(PUBLIC_TYPES)
  })
})

describe('routes', () => {
  const appOf = async (env: NodeJS.ProcessEnv = {}): Promise<Express> => {
    const config = { ...product.config, ...(env.LOCAL ? { local: true } : {}) }
    const log = createLog('silent', 'test')
    const { http } = await createServer({ ...product.connections, config, log })
    return http.listeners('request')[0] as Express
  }

  test('all have a rule, GraphiQL included', async () => {
    expect(routesOf(await appOf())).toHaveLength(5 + doors.length)
    expect(routesOf(await appOf({ LOCAL: '1' })).length).toBeGreaterThan(5 + doors.length)
  })

  test('one without a rule stops the start and is named', async () => {
    const app = await appOf()
    app.get('/backdoor', (_request, response) => void response.end())
    const rules = Object.fromEntries(routesOf(app).map(path => [path, 'ANYONE' as const]))

    expect(() => mustHaveRouteRules(app, rules)).not.toThrow()
    delete rules['/backdoor']
    expect(() => mustHaveRouteRules(app, rules)).toThrow('Without an access rule: /backdoor')
  })
})

test('what is a reader’s own refuses everybody else, staff included, and nothing changes', async () => {
  const own = rootsOf(publicSchema).filter(({ rule }) => rule === 'READER')
  expect(own.map(({ field }) => field.name).sort()).toEqual([
    'dataErasureRequest',
    'dataExportRequest',
    'dataRequestCancel',
    'dataRequestUpdated',
    'emailChangeStart',
    'logout',
    'profileSave',
    'readerObject',
    'readerRestrict',
    'readerUnrestrict',
    'reauthenticate',
    'sessionRevoke',
  ])
  const { token: staff } = await makeStaff(product, 'ADMIN')
  const before = await dumpDatabase(product)

  for (const root of own)
    for (const token of [undefined, 'A'.repeat(43), staff])
      expect(await call(root, false, token)).toContain('"code":"UNAUTHENTICATED"')

  expect(await dumpDatabase(product)).toEqual(before)
})

test('a staff role is no reader and a reader is no staff', () => {
  for (const role of staffRoles) {
    expect(isAllowed(role, 'READER')).toBe(false)
    expect(isAllowed('READER', role)).toBe(false)
  }
  expect(isAllowed('READER', 'READER')).toBe(true)
  expect(isAllowed(undefined, 'READER')).toBe(false)
})
