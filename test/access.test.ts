import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql'
import { accessRules, isAllowed, mustHaveAccessRules } from '../src/api/access'
import { doors } from '../src/api/doors'
import { buildPublicSchema, buildStaffSchema } from '../src/api/schema'
import { type StaffRole, staffRoles } from '../src/entities/staff-user'
import { makeStaff } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'

let product: Product
let publicSchema: GraphQLSchema
let staffSchema: GraphQLSchema

beforeAll(async () => {
  product = await startProduct({ worker: false })
  publicSchema = await buildPublicSchema()
  staffSchema = await buildStaffSchema()
})
afterAll(() => product?.stop())

type Root = {
  kind: 'query' | 'mutation' | 'subscription'
  field: GraphQLField<unknown, unknown>
  rule: string
}

function rootsOf(schema: GraphQLSchema): Root[] {
  const types = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
  return types.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map(field => ({
      kind,
      field,
      rule: String(field.extensions.access),
    })),
  )
}

const SCALARS: Record<string, unknown> = {
  String: 'x',
  ID: '01a204a8-3f96-73c9-a3f3-55208d5b8597',
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2030-01-01T00:00:00Z',
  Locale: 'en',
  TimeZone: 'Europe/Berlin',
  URL: 'https://site.example/',
}

/** A value the schema accepts, with nothing in it that may be left out. */
function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType)
  if (isListType(type)) return [sample(type.ofType)]
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(field => isNonNullType(field.type))
    return Object.fromEntries(required.map(field => [field.name, sample(field.type)]))
  }
  if (isScalarType(type) && type.name in SCALARS) return SCALARS[type.name]
  throw new Error(`No sample for ${type.toString()}`)
}

/** An operation that calls one root field with every argument it needs. */
function operationFor({ kind, field }: Root): { query: string; variables: Record<string, unknown> } {
  const needed = field.args.filter(argument => isNonNullType(argument.type))
  const declared = needed.map(argument => `$${argument.name}: ${argument.type.toString()}`).join(', ')
  const passed = needed.map(argument => `${argument.name}: $${argument.name}`).join(', ')
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'
  return {
    query: `${kind} ${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`,
    variables: Object.fromEntries(needed.map(argument => [argument.name, sample(argument.type)])),
  }
}

const isOpen = (rule: string): boolean => rule === 'ANYONE' || rule === 'TOKEN'

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
    const reason =
      root.kind === 'subscription' ? 'Subscriptions are not served here.' : `"${root.field.name}" on type`
    expect(answer.status).toBe(400)
    expect(answer.errors?.map(({ message }) => message).join()).toContain(reason)
  }
})

/** What happens to everybody whose role is below the rule. */
async function expectRefused(root: Root, token: string | undefined, code: string): Promise<void> {
  const { query, variables } = operationFor(root)
  const answer =
    root.kind === 'subscription'
      ? await subscribe(query, variables, token)
      : JSON.stringify(await graphql(product, query, variables, { token, staff: true }))
  expect(`${root.field.name} ${answer}`).toContain(`"code":"${code}"`)
}

async function subscribe(query: string, variables: AnyData, token?: string): Promise<string> {
  const response = await fetch(`${product.url}/graphql/staff/stream`, {
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

describe('every staff field refuses whoever may not call it, and nothing changes', () => {
  const guarded = (): Root[] => rootsOf(staffSchema).filter(({ rule }) => !isOpen(rule))

  test('nobody logged in, and logins that are none', async () => {
    const before = await dumpDatabase(product)
    expect(guarded().length).toBeGreaterThan(10)

    for (const root of guarded())
      for (const token of [undefined, 'A'.repeat(43), "' OR 1=1 --"])
        await expectRefused(root, token, 'UNAUTHENTICATED')

    expect(await dumpDatabase(product)).toEqual(before)
  })

  test.each(staffRoles.slice(0, -1))('%s, where more is needed', async role => {
    const { token } = await makeStaff(product, role)
    const before = await dumpDatabase(product)
    const above = guarded().filter(({ rule }) => !isAllowed(role as StaffRole, rule as StaffRole))
    expect(above.length).toBeGreaterThan(0)

    for (const root of above) await expectRefused(root, token, 'FORBIDDEN')

    expect(await dumpDatabase(product)).toEqual(before)
  })
})

test('what is a reader’s own refuses everybody else, staff included, and nothing changes', async () => {
  const own = rootsOf(publicSchema).filter(({ rule }) => rule === 'READER')
  expect(own.map(({ field }) => field.name).sort()).toEqual(['logout', 'reauthenticate', 'sessionRevoke'])
  const { token: staff } = await makeStaff(product, 'ADMIN')
  const before = await dumpDatabase(product)

  for (const root of own)
    for (const token of [undefined, 'A'.repeat(43), staff]) {
      const { query, variables } = operationFor(root)
      const answer = await graphql(product, query, variables, { token, staff: false })
      expect(answer.errors?.map(error => error.extensions.code)).toEqual(['UNAUTHENTICATED'])
    }

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
