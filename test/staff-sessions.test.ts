import { randomUUID } from 'node:crypto'
import { write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

/** May send requests, and is another site all the same. */
const FRIEND = 'https://friend.example'

let product: Product
let secure: MoreApi
let friendly: MoreApi
let admin: Staff
let author: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  secure = await startMoreApi(product, { PUBLIC_URL: 'https://news.site.example' })
  friendly = await startMoreApi(product, { ALLOWED_ORIGINS: FRIEND })
  admin = await makeStaff(product, 'ADMIN')
  author = await makeStaff(product, 'AUTHOR')
})
afterAll(async () => {
  await secure?.stop()
  await friendly?.stop()
  await product?.stop()
})

const sql = (statement: string, parameters: unknown[] = []) =>
  write(product.connections.db.manager, statement, parameters)

/** As a browser sends it: with its cookie, and the origin of the page that asks. */
async function browse(
  query: string,
  {
    api = product,
    cookie,
    origin,
    variables,
  }: { api?: { url: string }; cookie?: string; origin?: string; variables?: AnyData } = {},
): Promise<{ data: AnyData; code: string | undefined; setCookie: string | null }> {
  const response = await fetch(`${api.url}/graphql/staff`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(cookie ? { cookie } : {}),
      ...(origin ? { origin } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as AnyData
  return { data, code: errors?.[0]?.extensions.code, setCookie: response.headers.get('set-cookie') }
}

const LOGIN = `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) {
  session { id transport current } tokens { accessToken } userErrors { code field } } }`

async function logIn(staff: Staff, options: { api?: { url: string }; cookie?: string } = {}) {
  const { email, password } = staff
  const variables = { input: { email, password, transport: 'COOKIE' } }
  const { data, setCookie } = await browse(LOGIN, { ...options, variables })
  return {
    answer: data.staffLogin,
    setCookie: setCookie ?? '',
    cookie: (setCookie ?? '').split(';')[0] ?? '',
  }
}

const ME = '{ viewer { role staff { email sessions { id transport current lastUsedAt } } } }'
const me = async (cookie: string, origin?: string): Promise<AnyData> =>
  (await browse(ME, { cookie, origin })).data.viewer

test('a browser logs in to a cookie no script and no other host can have, and gets no token to keep', async () => {
  const { answer, setCookie, cookie } = await logIn(author, { api: secure })

  expect(answer).toMatchObject({
    session: { transport: 'COOKIE', current: true },
    tokens: null,
    userErrors: [],
  })
  expect(setCookie).toMatch(/^__Host-weinterrupt-staff=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  const { data } = await browse(ME, { api: secure, cookie })
  expect(data.viewer).toMatchObject({ role: 'AUTHOR', staff: { email: author.email } })
})

test('over plain http on loopback the cookie has a plain name', async () => {
  const { setCookie, cookie } = await logIn(author)

  expect(setCookie).toMatch(/^weinterrupt-staff=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  expect(await me(cookie, product.url)).toMatchObject({ role: 'AUTHOR' })
})

test('a request from another site’s page is refused, whatever cookie it carries', async () => {
  const { cookie } = await logIn(author)

  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
    expect(await browse(ME, { cookie, origin })).toMatchObject({ data: undefined, code: 'FORBIDDEN' })
})

test('a page of another site cannot log a browser in, nor open a stream with its cookie', async () => {
  const { email, password } = author
  const variables = { input: { email, password, transport: 'COOKIE' } }
  const stranger = { origin: FRIEND, 'sec-fetch-site': 'cross-site' }
  const post = (path: string, headers: Record<string, string>, body: unknown) =>
    fetch(`${friendly.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  const login = await post('/graphql/staff', stranger, { query: LOGIN, variables })
  expect(login.headers.get('set-cookie')).toBeNull()
  expect(((await login.json()) as AnyData).errors[0].extensions.code).toBe('FORBIDDEN')

  const { cookie } = await logIn(author)
  const query = 'subscription { newsletterProgress(id: "x") { total } }'
  for (const path of ['/graphql/staff', '/graphql/staff/stream'])
    expect((await post(path, { ...stranger, cookie }, { query })).status).toBe(403)
})

test('a cookie’s value is no bearer token, and a bearer token is no cookie', async () => {
  const { cookie } = await logIn(author)
  const value = cookie.split('=')[1] ?? ''

  expect((await ok(product, ME, {}, { token: value })).viewer.role).toBe('ANONYMOUS')
  expect(await me(`weinterrupt-staff=${author.token}`)).toMatchObject({ role: 'ANONYMOUS' })
})

test('logging in again in the same browser ends the earlier log-in', async () => {
  const first = await logIn(author)
  const second = await logIn(author, { cookie: first.cookie })

  expect(second.cookie).not.toBe(first.cookie)
  expect(await me(first.cookie)).toMatchObject({ role: 'ANONYMOUS' })
  expect(await me(second.cookie)).toMatchObject({ role: 'AUTHOR' })
})

test('a browser left alone for 30 minutes is logged out; one in use is until 12 hours are over', async () => {
  const idle = await logIn(author)
  const used = await logIn(author)
  const idFor = async (cookie: string) =>
    (await me(cookie)).staff.sessions.find((one: AnyData) => one.current).id
  const [idleId, usedId] = [await idFor(idle.cookie), await idFor(used.cookie)]
  const back = (id: string, minutes: number) =>
    sql('UPDATE staff_session SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL ? MINUTE WHERE public_id = ?', [
      minutes,
      id,
    ])
  await back(idleId, 30)
  await back(usedId, 29)

  expect(await me(idle.cookie)).toMatchObject({ role: 'ANONYMOUS' })
  const { staff } = await me(used.cookie)
  const own = (await me(used.cookie)).staff.sessions.find((one: AnyData) => one.current)
  expect(Date.now() - Date.parse(own.lastUsedAt)).toBeLessThan(60_000)
  expect(staff.sessions.map((one: AnyData) => one.id)).not.toContain(idleId)
  await sql('UPDATE staff_session SET expires_at = UTC_TIMESTAMP(3) WHERE public_id = ?', [usedId])
  expect(await me(used.cookie)).toMatchObject({ role: 'ANONYMOUS' })
})

test('a session ends 12 hours after the log-in', async () => {
  await logIn(author)
  const [row] = await product.connections.db.manager.query(
    'SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) AS seconds FROM staff_session ORDER BY created_at DESC LIMIT 1',
  )
  expect(Number(row.seconds)).toBe(12 * 3600)
})

test('logging out ends the session and takes the cookie away', async () => {
  const { cookie } = await logIn(author)
  const { setCookie } = await browse('mutation { logout { accepted } }', { cookie })

  expect(setCookie).toMatch(/^weinterrupt-staff=; .*Max-Age=0$/)
  expect(await me(cookie)).toMatchObject({ role: 'ANONYMOUS' })
})

const REVOKE = 'mutation ($id: ID!) { sessionRevoke(id: $id) { accepted userErrors { code } } }'

test('staff see and end their own log-ins; those of others only an admin', async () => {
  const mine = await logIn(author)
  const other = await logIn(author)
  const publisher = await makeStaff(product, 'PUBLISHER')
  const { id } = other.answer.session
  const revoke = async (token: string, target: string) =>
    (await ok(product, REVOKE, { id: target }, { token })).sessionRevoke

  for (const target of [id, randomUUID(), 'x', ''])
    expect(await revoke(publisher.token, target)).toEqual({
      accepted: false,
      userErrors: [{ code: 'NOT_FOUND' }],
    })
  expect((await me(mine.cookie)).staff.sessions.map((one: AnyData) => one.id)).toContain(id)
  expect((await browse(REVOKE, { cookie: mine.cookie, variables: { id } })).data.sessionRevoke.accepted).toBe(
    true,
  )
  expect(await me(other.cookie)).toMatchObject({ role: 'ANONYMOUS' })
  expect(await revoke(admin.token, mine.answer.session.id)).toMatchObject({ accepted: true })
  expect(await me(mine.cookie)).toMatchObject({ role: 'ANONYMOUS' })
})

describe('what cannot be undone', () => {
  const SETTLE = `mutation ($newsletter: ID!, $reader: ID!) { deliverySettle(newsletterId: $newsletter, readerId: $reader,
    outcome: FAILED, reason: "x") { userErrors { code } } }`
  const REAUTH =
    'mutation ($input: ReauthInput!) { reauthenticate(input: $input) { accepted userErrors { code field } } }'

  test('needs the password once more when the last time is more than ten minutes ago', async () => {
    const topic = await makeTopic(product, admin, 'weekly')
    const newsletter = await makeNewsletter(product, admin, topic.id)
    const [reader] = await product.connections.db.manager.query('SELECT public_id FROM reader LIMIT 1')
    const variables = { newsletter: newsletter.id, reader: reader?.public_id ?? randomUUID() }
    expect(reader).toBeUndefined()
    await sql(
      `INSERT INTO reader (public_id, reference, key_id, domain, locale, confirmed_at, created_at)
      VALUES (?, 'reference-', 1, 'x', 'en', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
      [variables.reader],
    )
    const settle = async (): Promise<string> =>
      (await ok(product, SETTLE, variables, { token: admin.token })).deliverySettle.userErrors[0].code
    const reauth = async (input: AnyData) =>
      (await ok(product, REAUTH, { input }, { token: admin.token })).reauthenticate

    expect(await settle()).toBe('INVALID_STATE')
    await sql('UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE')
    expect(await settle()).toBe('REAUTH_REQUIRED')
    for (const input of [{ password: 'wrong' }, {}, { password: '' }])
      expect(await reauth(input)).toEqual({
        accepted: false,
        userErrors: [{ code: 'INVALID', field: ['input', 'password'] }],
      })
    expect(await reauth({ code: '123456' })).toMatchObject({
      accepted: false,
      userErrors: [{ code: 'CODE_INVALID' }],
    })
    expect(await settle()).toBe('REAUTH_REQUIRED')
    expect(await reauth({ password: admin.password })).toEqual({ accepted: true, userErrors: [] })
    expect(await settle()).toBe('INVALID_STATE')
  })

  test('stopping the site never waits for a password', async () => {
    await sql('UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY')
    const { siteStop } = await ok(
      product,
      'mutation { siteStop(reason: "now") { accepted } }',
      {},
      { token: admin.token },
    )

    expect(siteStop.accepted).toBe(true)
  })
})

describe('guessing', () => {
  const bearer = async (email: string, password: string): Promise<AnyData> =>
    (await ok(product, LOGIN, { input: { email, password, transport: 'BEARER' } }, { staff: true }))
      .staffLogin

  test('at one account ends after 20 wrong passwords, known or not, and goes on after a quarter of an hour', async () => {
    const known = await makeStaff(product, 'AUTHOR')
    const emails = [known.email, 'nobody@site.example']
    const answers = await Promise.all(
      emails.map(email => Promise.all(Array.from({ length: 25 }, () => bearer(email, 'wrong wrong wrong')))),
    )
    const codes = answers.map(list => list.map(one => one.userErrors[0].code).sort())

    expect(codes[0]).toEqual([...Array(20).fill('INVALID'), ...Array(5).fill('RATE_LIMITED')])
    expect(codes[1]).toEqual(codes[0])
    expect(await bearer(known.email, known.password)).toEqual(await bearer('nobody@site.example', 'x'))
    await sql('UPDATE staff_attempt SET since = since - INTERVAL 15 MINUTE')
    expect((await bearer(known.email, known.password)).userErrors).toEqual([])
  })

  test('right passwords do not count', async () => {
    const { email, password } = await makeStaff(product, 'AUTHOR')
    for (let n = 0; n < 25; n++) expect((await bearer(email, password)).userErrors).toEqual([])
  })

  test('what was counted names nobody', async () => {
    const rows = await product.connections.db.manager.query('SELECT * FROM staff_attempt')
    expect(rows.length).toBeGreaterThan(0)
    expect(Object.keys(rows[0]).sort()).toEqual(['attempts', 'since', 'subject'])
  })
})

test('an unknown origin or an unknown log-in is told nothing but UNAUTHENTICATED', async () => {
  const { errors } = await graphql(product, '{ auditEvents { nodes { id } } }', {}, { token: 'x'.repeat(43) })
  expect(errors?.map(one => one.extensions.code)).toEqual(['UNAUTHENTICATED'])
})
