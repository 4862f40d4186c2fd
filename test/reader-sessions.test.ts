import { randomBytes } from 'node:crypto'
import { write } from '../src/transaction'
import { makeReader, makeStaff, makeTopic } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { pending } from './support/confirming'
import { everythingStored, expectNoChange } from './support/dump'
import {
  askToLogIn,
  complete,
  logInApp,
  logInBrowser,
  roleOf,
  roleWithCookie,
  send,
} from './support/logging-in'
import { type Product, startProduct } from './support/product'
import { hashOfAddress, readerOf } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const newReader = async (): Promise<string> => (await makeReader(product, ['topic:weekly'])).email
const sql = (query: string, ...values: unknown[]) => write(product.connections.db.manager, query, values)

const REFRESH = `mutation ($refreshToken: String!) { sessionRefresh(refreshToken: $refreshToken) {
  session { id lastUsedAt expiresAt } tokens { accessToken refreshToken accessExpiresAt refreshExpiresAt } userErrors { code field } } }`
const refresh = async (refreshToken: string): Promise<AnyData> =>
  (await ok(product, REFRESH, { refreshToken })).sessionRefresh
const lost = { session: null, tokens: null, userErrors: [{ code: 'TOKEN_INVALID', field: ['refreshToken'] }] }

const as = (token: string) => ({ token, staff: false })
const LIST =
  '{ viewer { session { id current } reader { sessions { id transport device current createdAt lastUsedAt expiresAt } } } }'
const listOf = async (token: string): Promise<AnyData[]> =>
  (await ok(product, LIST, {}, as(token))).viewer.reader.sessions
const REVOKE = 'mutation ($id: ID!) { sessionRevoke(id: $id) { accepted userErrors { code field } } }'
const revoke = async (token: string, id: string): Promise<AnyData> =>
  (await ok(product, REVOKE, { id }, as(token))).sessionRevoke

/** As if the session had been opened and used this much earlier. */
const age = (id: string, interval: string) =>
  sql(
    `UPDATE reader_session SET created_at = created_at - INTERVAL ${interval}, last_used_at = last_used_at - INTERVAL ${interval},
     expires_at = expires_at - INTERVAL ${interval}, token_expires_at = token_expires_at - INTERVAL ${interval} WHERE public_id = ?`,
    id,
  )

describe('access and refresh tokens', () => {
  test('an access token ends after 15 minutes, and a refresh token gives the next one', async () => {
    const { accessToken, refreshToken, session, accessExpiresAt } = await logInApp(product, await newReader())
    expect(Date.parse(accessExpiresAt) - Date.parse(session.createdAt)).toBe(15 * 60_000)
    expect(await roleOf(product, accessToken)).toBe('READER')

    await age(session.id, '14 MINUTE')
    expect(await roleOf(product, accessToken)).toBe('READER')
    await age(session.id, '1 MINUTE')
    expect(await roleOf(product, accessToken)).toBe('ANONYMOUS')

    const { tokens, session: same } = await refresh(refreshToken)
    expect(same.id).toBe(session.id)
    expect(await roleOf(product, tokens.accessToken)).toBe('READER')
    expect(new Set([accessToken, refreshToken, tokens.accessToken, tokens.refreshToken]).size).toBe(4)
  })

  test('refreshing ends the access token before it', async () => {
    const { accessToken, refreshToken } = await logInApp(product, await newReader())

    await refresh(refreshToken)

    expect(await roleOf(product, accessToken)).toBe('ANONYMOUS')
  })

  test('a refresh token used twice ends the whole family, however far it has come', async () => {
    const email = await newReader()
    const [stolen, untouched] = [await logInApp(product, email), await logInApp(product, email)]
    const second = await refresh(stolen.refreshToken)
    const third = await refresh(second.tokens.refreshToken)
    expect(third.userErrors).toEqual([])

    expect(await refresh(stolen.refreshToken)).toEqual(lost)

    expect(await roleOf(product, third.tokens.accessToken)).toBe('ANONYMOUS')
    for (const token of [third.tokens.refreshToken, second.tokens.refreshToken])
      expect(await refresh(token)).toEqual(lost)
    expect(await roleOf(product, untouched.accessToken)).toBe('READER')
  })

  test('the same refresh token ten times at once leaves no session', async () => {
    const { refreshToken } = await logInApp(product, await newReader())

    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)))

    const won = answers.filter(({ tokens }) => tokens)
    expect(won).toHaveLength(1)
    expect(await roleOf(product, won[0].tokens.accessToken)).toBe('ANONYMOUS')
  })

  test('tokens that were never given out open nothing and change nothing', async () => {
    const { accessToken, refreshToken } = await logInApp(product, await newReader())
    const forged = [
      '',
      'x',
      accessToken,
      `${accessToken}.${accessToken}`,
      `${refreshToken}x`,
      'x'.repeat(90_00),
    ]

    await expectNoChange(product, async () => {
      for (const token of forged) expect(await refresh(token)).toEqual(lost)
      for (const token of [
        refreshToken.slice(0, 43),
        refreshToken.slice(44),
        `${accessToken}x`,
        'x'.repeat(43),
      ])
        expect(await roleOf(product, token)).toBe('ANONYMOUS')
    })
  })

  test('a token works only as what it is: no access token in a cookie, no cookie as a bearer', async () => {
    const email = await newReader()
    const [{ accessToken }, cookie] = [await logInApp(product, email), await logInBrowser(product, email)]

    expect(await roleWithCookie(product, `reader=${accessToken}`)).toBe('ANONYMOUS')
    expect(await roleOf(product, cookie.replace('reader=', ''))).toBe('ANONYMOUS')
    expect((await graphql(product, '{ viewer { role } }', {}, { token: accessToken })).data.viewer.role).toBe(
      'ANONYMOUS',
    )
  })
})

describe('limits', () => {
  test('an app that does not refresh for 30 days is logged out', async () => {
    const { refreshToken, session } = await logInApp(product, await newReader())
    await age(session.id, '29 DAY')
    const next = await refresh(refreshToken)
    expect(next.userErrors).toEqual([])
    await age(session.id, '30 DAY')

    expect(await refresh(next.tokens.refreshToken)).toEqual(lost)
  })

  test('after 180 days it is over, used or not', async () => {
    const { refreshToken, session } = await logInApp(product, await newReader())
    await sql(
      'UPDATE reader_session SET created_at = created_at - INTERVAL 179 DAY WHERE public_id = ?',
      session.id,
    )

    const { session: now, tokens } = await refresh(refreshToken)

    const left = Date.parse(now.expiresAt) - Date.parse(now.lastUsedAt)
    expect(left).toBeLessThanOrEqual(24 * 3_600_000)
    expect(left).toBeGreaterThan(23 * 3_600_000)
    await age(session.id, '1 DAY')
    expect(await refresh(tokens.refreshToken)).toEqual(lost)
  })

  test('a browser stays logged in while it is used every day, for 14 days', async () => {
    const email = await newReader()
    const cookie = await logInBrowser(product, email)
    const { id } = await readerOf(product, email)
    const later = (hours: number) =>
      sql(
        `UPDATE reader_session SET created_at = created_at - INTERVAL ? HOUR, last_used_at = last_used_at - INTERVAL ? HOUR,
         expires_at = expires_at - INTERVAL ? HOUR WHERE reader_id = ?`,
        hours,
        hours,
        hours,
        id,
      )

    for (let day = 0; day < 14; day++) {
      await later(23)
      expect(await roleWithCookie(product, cookie)).toBe('READER')
    }
    await later(14)
    expect(await roleWithCookie(product, cookie)).toBe('ANONYMOUS')

    const second = await logInBrowser(product, email)
    await later(24)
    expect(await roleWithCookie(product, second)).toBe('ANONYMOUS')
  })

  test('the 21st session ends the one that was not used for longest', async () => {
    const email = await newReader()
    const first = await logInApp(product, email, 'first')
    const { id } = await readerOf(product, email)
    for (let n = 0; n < 19; n++)
      await sql(
        `INSERT INTO reader_session (public_id, reader_id, address_hash, transport, token_hash, created_at, last_used_at, expires_at)
         VALUES (UUID(), ?, ?, 'COOKIE', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 DAY)`,
        id,
        hashOfAddress(product, email),
        randomBytes(32),
      )
    expect(await roleOf(product, first.accessToken)).toBe('READER')

    const last = await logInApp(product, email, 'last')

    const sessions = await listOf(last.accessToken)
    expect(sessions).toHaveLength(20)
    expect(await roleOf(product, first.accessToken)).toBe('ANONYMOUS')
  })

  test('the sweep forgets sessions and codes that have run out', async () => {
    const email = await newReader()
    await logInApp(product, email)
    await askToLogIn(product, email)
    const hash = hashOfAddress(product, email)
    const left = async (table: string): Promise<number> =>
      (await product.connections.db.manager.query(`SELECT 1 FROM ${table} WHERE address_hash = ?`, [hash]))
        .length
    expect([await left('reader_code'), await left('reader_session')]).toEqual([2, 1])

    for (const table of ['reader_code', 'reader_session'])
      await sql(`UPDATE ${table} SET expires_at = UTC_TIMESTAMP(3) WHERE address_hash = ?`, hash)

    for (let tries = 0; tries < 100 && (await left('reader_session')) > 0; tries++)
      await new Promise(resolve => setTimeout(resolve, 100))
    expect([await left('reader_code'), await left('reader_session')]).toEqual([0, 0])
  })
})

describe('the own list of sessions', () => {
  test('names every device and which one is asking; a browser that logs in anew replaces its own', async () => {
    const email = await newReader()
    const phone = await logInApp(product, email, 'Phone')
    const cookie = await logInBrowser(product, email)
    const { token } = await askToLogIn(product, email)
    const again = await fetch(`${product.url}/l/${token}`, { method: 'POST', headers: { cookie } })
    expect(again.status).toBe(200)
    expect(await roleWithCookie(product, cookie)).toBe('ANONYMOUS')

    const sessions = await listOf(phone.accessToken)

    expect(sessions.map(({ transport, device, current }) => [transport, device, current])).toEqual([
      ['COOKIE', null, false],
      ['BEARER', 'Phone', true],
    ])
  })

  test('revoking one ends it at once, and no other', async () => {
    const email = await newReader()
    const [phone, tablet] = [await logInApp(product, email), await logInApp(product, email)]

    expect(await revoke(phone.accessToken, tablet.session.id)).toEqual({ accepted: true, userErrors: [] })

    expect(await roleOf(product, tablet.accessToken)).toBe('ANONYMOUS')
    expect(await refresh(tablet.refreshToken)).toEqual(lost)
    expect(await roleOf(product, phone.accessToken)).toBe('READER')
  })

  test("another reader's session, an unknown one and no id at all are not found, alike", async () => {
    const [ada, bob] = [
      await logInApp(product, await newReader()),
      await logInApp(product, await newReader()),
    ]

    for (const id of [bob.session.id, '01a204a8-3f96-73c9-a3f3-55208d5b8597', 'x', "' OR 1=1 --", ''])
      expect(await revoke(ada.accessToken, id)).toEqual({
        accepted: false,
        userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
      })

    expect(await roleOf(product, bob.accessToken)).toBe('READER')
  })

  test('logging out ends the session it came with', async () => {
    const email = await newReader()
    const [phone, tablet] = [await logInApp(product, email), await logInApp(product, email)]

    expect(await ok(product, 'mutation { logout { accepted } }', {}, as(phone.accessToken))).toEqual({
      logout: { accepted: true },
    })

    expect(await roleOf(product, phone.accessToken)).toBe('ANONYMOUS')
    expect(await refresh(phone.refreshToken)).toEqual(lost)
    expect(await roleOf(product, tablet.accessToken)).toBe('READER')
  })

  test('nobody logged in is asked to log in', async () => {
    for (const query of [
      'mutation { logout { accepted } }',
      'mutation { sessionRevoke(id: "x") { accepted } }',
    ]) {
      const answer = await send(product, query)
      expect(answer.body.errors[0].extensions.code).toBe('UNAUTHENTICATED')
    }
  })
})

test('sessions end with the address they were opened for', async () => {
  for (const change of [
    'address_hash = NULL, email_sealed = NULL, erased_at = UTC_TIMESTAMP(3)',
    'address_hash = UNHEX(SHA2(UUID(), 256))',
  ]) {
    const email = await newReader()
    const [app, cookie] = [await logInApp(product, email), await logInBrowser(product, email)]
    const { id } = await readerOf(product, email)

    await sql(`UPDATE reader SET ${change} WHERE id = ?`, id)

    expect(await roleOf(product, app.accessToken)).toBe('ANONYMOUS')
    expect(await roleWithCookie(product, cookie)).toBe('ANONYMOUS')
    expect(await refresh(app.refreshToken)).toEqual(lost)
  }
})

test('confirming can log in at once, and does so only where it is asked to', async () => {
  const query = `mutation ($token: String!, $transport: SessionTransport) { readerConfirm(token: $token, transport: $transport) {
    reader { email } session { transport } tokens { accessToken } userErrors { code } } }`
  const [first, second] = [await pending(product), await pending(product)]

  const { readerConfirm } = await ok(product, query, { token: first.token, transport: 'BEARER' })
  expect(await roleOf(product, readerConfirm.tokens.accessToken)).toBe('READER')

  const without = await send(product, query, { token: second.token })
  expect(without.body.data.readerConfirm).toEqual({
    reader: { email: null },
    session: null,
    tokens: null,
    userErrors: [],
  })
  expect(without.cookies).toEqual([])
})

test('no token is stored as it is', async () => {
  const email = await newReader()
  const [app, cookie] = [await logInApp(product, email), await logInBrowser(product, email)]
  const stored = await everythingStored(product)

  for (const secret of [app.accessToken, ...app.refreshToken.split('.'), cookie.replace('reader=', '')])
    expect(stored).not.toContain(secret)
  expect((await complete(product, { token: 'x' })).tokens).toBeNull()
})
