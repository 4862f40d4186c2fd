import { write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, REGISTER, registerInput, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { runWeinterrupt } from './support/command'
import { everythingStored, expectNoChange } from './support/dump'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let newsletter: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  newsletter = await makeNewsletter(product, admin, topic.id)
})
afterAll(() => product?.stop())

const CREATE = `mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) {
  apiKey { id name scopes expiresAt lastUsedAt revokedAt } secretShownOnce userErrors { code field } } }`
const KEYS = '{ apiKeys { nodes { id name scopes lastUsedAt expiresAt revokedAt } } }'
const NEWSLETTERS = '{ newsletters { nodes { id title author { name } } } }'
const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

const create = async (input: AnyData, staff = admin): Promise<AnyData> =>
  (
    await ok(
      product,
      CREATE,
      { input: { name: 'Dashboard', scopes: ['newsletters:read'], expiresAt: later(30), ...input } },
      { token: staff.token },
    )
  ).apiKeyCreate

const codeFor = async (token: string, query: string, variables: AnyData = {}): Promise<string | undefined> =>
  (await graphql(product, query, variables, { token })).errors?.[0]?.extensions.code

test('a key is shown once, has a recognisable prefix, and only its hash is stored', async () => {
  const { apiKey, secretShownOnce, userErrors } = await create({})

  expect(userErrors).toEqual([])
  expect(secretShownOnce).toMatch(/^wi_key_[\w-]{43}$/)
  expect(apiKey).toMatchObject({
    name: 'Dashboard',
    scopes: ['newsletters:read'],
    lastUsedAt: null,
    revokedAt: null,
  })
  const { apiKeys } = await ok(product, KEYS, {}, { token: admin.token })
  expect(JSON.stringify(apiKeys)).not.toContain(secretShownOnce.slice(7))
  expect(apiKeys.nodes[0].id).toBe(apiKey.id)
  expect(await everythingStored(product)).not.toContain(secretShownOnce.slice(7))
})

test('it signs up the visitors of a whole site: only the rates that are not about its network count', async () => {
  const { secretShownOnce: key } = await create({ scopes: ['readers:register'] })
  const api = await startMoreApi(product, { RATE_LIMITS: 'call=2/m; network=2/h; site=4/h' })
  try {
    const codes: (string | undefined)[] = []
    for (let n = 1; n <= 5; n++) {
      const input = await registerInput(product, ['topic:weekly'])
      const { readerRegister } = await ok(api, REGISTER, { input }, { token: key })
      codes.push(readerRegister.userErrors[0]?.code)
    }
    expect(codes).toEqual([undefined, undefined, undefined, undefined, 'RATE_LIMITED'])
  } finally {
    await api.stop()
  }
})

test('it opens what its scope names and nothing else, not even what anybody may ask', async () => {
  const { secretShownOnce: key } = await create({})
  const { newsletters } = await ok(product, NEWSLETTERS, {}, { token: key })

  expect(newsletters.nodes).toEqual([
    { id: newsletter.id, title: newsletter.title ?? expect.any(String), author: { name: 'An ADMIN' } },
  ])
  for (const query of [
    '{ viewer { role } }',
    '{ topics { nodes { id } } }',
    '{ auditEvents { nodes { id } } }',
    KEYS,
    'mutation { siteStop(reason: "x") { accepted } }',
    'mutation { logout { accepted } }',
    'mutation { secondFactorStart { secret } }',
    'mutation { reauthenticate(input: { password: "x" }) { accepted } }',
    'mutation { ageCheck(birthMonth: "1990-01") { agePass } }',
  ])
    expect([query, await codeFor(key, query)]).toEqual([query, 'FORBIDDEN'])
})

test('a key that reads newsletters sees no address and no single reader', async () => {
  const { secretShownOnce: key } = await create({})
  const fields = ['author { email }', 'tests { to }', 'deliveries { nodes { reader { maskedEmail } } }']

  for (const field of fields) {
    const query = `query ($id: ID!) { newsletter(id: $id) { ${field} } }`
    expect([field, await codeFor(key, query, { id: newsletter.id })]).toEqual([field, 'FORBIDDEN'])
    expect(await codeFor(admin.token, query, { id: newsletter.id })).toBeUndefined()
  }
})

test('a key with the scope signs readers up, who still have to confirm', async () => {
  const { secretShownOnce: key } = await create({ scopes: ['readers:register'] })
  const input = await registerInput(product, ['topic:weekly'])
  const { readerRegister } = await ok(
    product,
    'mutation ($input: RegisterInput!) { readerRegister(input: $input) { accepted } }',
    { input },
    { token: key },
  )

  expect(readerRegister.accepted).toBe(true)
  expect(await codeFor(key, NEWSLETTERS)).toBe('FORBIDDEN')
  expect(await product.connections.db.manager.query('SELECT 1 FROM reader')).toEqual([])
})

test('it is refused once it was revoked, ran out, or was changed by one letter', async () => {
  const { apiKey, secretShownOnce: key } = await create({})
  const other = (await create({})).secretShownOnce
  for (const token of [`${key}x`, key.slice(0, -1), key.replace('wi_key_', ''), `wi_key_${'A'.repeat(43)}`])
    expect(await codeFor(token, NEWSLETTERS)).toBe('UNAUTHENTICATED')

  const revoke = `mutation ($id: ID!) { apiKeyRevoke(id: $id) { apiKey { revokedAt } } }`
  const first = await ok(product, revoke, { id: apiKey.id }, { token: admin.token })
  const again = await ok(product, revoke, { id: apiKey.id }, { token: admin.token })
  expect(first.apiKeyRevoke.apiKey.revokedAt).toEqual(expect.any(String))
  expect(again).toEqual(first)
  expect(await codeFor(key, NEWSLETTERS)).toBe('UNAUTHENTICATED')
  expect(await codeFor(other, NEWSLETTERS)).toBeUndefined()
  await write(product.connections.db.manager, 'UPDATE api_key SET expires_at = UTC_TIMESTAMP(3)')
  expect(await codeFor(other, NEWSLETTERS)).toBe('UNAUTHENTICATED')
})

test('its last use is written at most once a minute', async () => {
  const { apiKey, secretShownOnce: key } = await create({})
  const lastUse = async (): Promise<string> => {
    const { apiKeys } = await ok(product, KEYS, {}, { token: admin.token })
    return apiKeys.nodes.find((one: AnyData) => one.id === apiKey.id).lastUsedAt
  }
  await codeFor(key, NEWSLETTERS)
  const first = await lastUse()
  await codeFor(key, NEWSLETTERS)
  expect(await lastUse()).toBe(first)
  await write(
    product.connections.db.manager,
    'UPDATE api_key SET last_used_at = last_used_at - INTERVAL 1 MINUTE',
  )
  await codeFor(key, NEWSLETTERS)
  expect(Date.parse(await lastUse())).toBeGreaterThanOrEqual(Date.parse(first))
})

test('what would make no sense is refused field by field and changes nothing; so is a log-in that is not fresh', async () => {
  await expectNoChange(product, async () => {
    for (const [input, code, field] of [
      [{ name: ' ' }, 'REQUIRED', 'name'],
      [{ name: 'x'.repeat(101) }, 'TOO_LONG', 'name'],
      [{ scopes: [] }, 'REQUIRED', 'scopes'],
      [{ scopes: ['newsletters:read', 'everything'] }, 'INVALID', 'scopes'],
      [{ expiresAt: later(-1) }, 'INVALID', 'expiresAt'],
      [{ expiresAt: later(367) }, 'INVALID', 'expiresAt'],
    ] as const)
      expect(await create(input)).toEqual({
        apiKey: null,
        secretShownOnce: null,
        userErrors: [{ code, field: ['input', field] }],
      })
  })
  const other = await makeStaff(product, 'ADMIN')
  await write(
    product.connections.db.manager,
    'UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE ORDER BY created_at DESC LIMIT 1',
  )
  expect((await create({}, other)).userErrors).toEqual([{ code: 'REAUTH_REQUIRED', field: null }])
})

test('making and revoking keys is in the audit events, without their names', async () => {
  const { auditEvents } = await ok(
    product,
    '{ auditEvents(first: 100) { nodes { action target reason } } }',
    {},
    { token: admin.token },
  )
  const entries = auditEvents.nodes.filter((one: AnyData) => one.action.startsWith('key.'))

  expect(entries.filter((one: AnyData) => one.action === 'key.revoke')).toHaveLength(1)
  expect(entries).toContainEqual({
    action: 'key.create',
    target: expect.any(String),
    reason: 'readers:register',
  })
  expect(JSON.stringify(entries)).not.toContain('Dashboard')
})

describe('a key ends with the admin who made it', () => {
  const SAVE = `mutation ($id: ID!, $role: Role!, $disabled: Boolean!) { staffSave(id: $id, role: $role, disabled: $disabled) {
    userErrors { code } } }`
  const ME = '{ viewer { staff { id } } }'
  const idOf = async ({ token }: Staff): Promise<string> =>
    (await ok(product, ME, {}, { token })).viewer.staff.id
  const AUDIT = '{ auditEvents(first: 3) { nodes { action target } } }'

  test.each([
    ['is disabled', { role: 'ADMIN', disabled: true }],
    ['is an admin no longer', { role: 'PUBLISHER', disabled: false }],
  ])('when that one %s, with an audit event; those of others stay', async (_when, change) => {
    const leaving = await makeStaff(product, 'ADMIN')
    const { apiKey, secretShownOnce: key } = await create({}, leaving)
    const { secretShownOnce: other } = await create({})
    await ok(product, NEWSLETTERS, {}, { token: key })

    const { staffSave } = await ok(product, SAVE, { id: await idOf(leaving), ...change }, admin)

    expect(staffSave.userErrors).toEqual([])
    expect((await graphql(product, NEWSLETTERS, {}, { token: key })).errors).toBeDefined()
    await ok(product, NEWSLETTERS, {}, { token: other })
    const { auditEvents } = await ok(product, AUDIT, {}, admin)
    expect(auditEvents.nodes).toContainEqual({ action: 'key.revoke', target: apiKey.id })
  })

  test('when the operator deactivates them', async () => {
    const leaving = await makeStaff(product, 'ADMIN')
    const { apiKey, secretShownOnce: key } = await create({}, leaving)

    const outcome = await runWeinterrupt(product.env, 'staff', 'deactivate', '--email', leaving.email)

    expect(outcome.code).toBe(0)
    expect((await graphql(product, NEWSLETTERS, {}, { token: key })).errors).toBeDefined()
    const { auditEvents } = await ok(product, AUDIT, {}, admin)
    expect(auditEvents.nodes).toContainEqual({ action: 'key.revoke', target: apiKey.id })
  })
})

test('what an operation may cost is little for a key that only signs up, and more for one that reads', async () => {
  const { secretShownOnce: reads } = await create({})
  const { secretShownOnce: signsUp } = await create({ scopes: ['readers:register'] })
  const FORM = '{ site { name policy { version } purposes { key version title description } } }'
  const figures = (first: number) => `{ newsletters(first: ${first}) { nodes { id progress { sent } } } }`

  await ok(product, FORM, {}, { token: signsUp })
  await ok(product, figures(20), {}, { token: reads })
  expect(await codeFor(signsUp, figures(20))).toBe('QUERY_TOO_COMPLEX')
  expect(await codeFor(reads, figures(50))).toBe('QUERY_TOO_COMPLEX')
})
