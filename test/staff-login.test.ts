import { makeStaff, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { type Product, startProduct } from './support/product'

let product: Product
let author: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  author = await makeStaff(product, 'AUTHOR')
})
afterAll(() => product?.stop())

const LOGIN = `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) {
  session { id transport } tokens { accessToken accessExpiresAt } userErrors { code message field } } }`
const login = async (email: string, password: string, transport = 'BEARER'): Promise<AnyData> =>
  (await ok(product, LOGIN, { input: { email, password, transport } }, { staff: true })).staffLogin
const codeFor = async (token: string): Promise<string | undefined> =>
  (await graphql(product, '{ newsletters { nodes { id } } }', {}, { token })).errors?.[0]?.extensions.code

test('a wrong password, an unknown address and no address at all get one and the same answer', async () => {
  const wrong = await login(author.email, `${author.password}x`)
  expect(wrong).toMatchObject({
    session: null,
    tokens: null,
    userErrors: [{ code: 'INVALID', field: ['input', 'password'] }],
  })
  for (const email of ['nobody@site.example', 'not an address', '', "' OR 1=1 --@site.example"])
    expect(await login(email, author.password)).toEqual(wrong)
  expect(await login(author.email, '')).toEqual(wrong)
})

test('a wrong password and an unknown address take about the same time', async () => {
  const timeOf = async (email: string) => {
    const startedAt = performance.now()
    await login(email, 'wrong')
    return performance.now() - startedAt
  }
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let n = 0; n < 15; n++) {
    times.known.push(await timeOf(author.email))
    times.unknown.push(await timeOf(`nobody-${n}@site.example`))
  }
  const median = (values: number[]) => [...values].sort((one, other) => one - other)[7] ?? 0
  const ratio = median(times.known) / median(times.unknown)
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

test('the token works until the logout, and only that one ends', async () => {
  const [first, second] = [
    await login(author.email, author.password),
    await login(author.email, author.password),
  ]
  const tokens = [first.tokens.accessToken, second.tokens.accessToken]
  for (const token of tokens) expect(await codeFor(token)).toBeUndefined()
  await ok(product, 'mutation { logout { accepted } }', {}, { token: tokens[0] })
  expect(await codeFor(tokens[0])).toBe('UNAUTHENTICATED')
  expect(await codeFor(tokens[1])).toBeUndefined()
})

test("a forged, an expired and a disabled member's token open nothing", async () => {
  const { manager } = product.connections.db
  for (const token of ['x'.repeat(43), author.token.slice(0, -1), `${author.token}x`])
    expect(await codeFor(token)).toBe('UNAUTHENTICATED')
  const other = await makeStaff(product, 'PUBLISHER')
  expect(await codeFor(other.token)).toBeUndefined()
  await manager.query("UPDATE staff_user SET disabled_at = UTC_TIMESTAMP(3) WHERE role = 'PUBLISHER'")
  expect(await codeFor(other.token)).toBe('UNAUTHENTICATED')
  expect((await login(other.email, other.password)).userErrors).toMatchObject([{ code: 'INVALID' }])
  await manager.query('UPDATE staff_session SET expires_at = UTC_TIMESTAMP(3)')
  expect(await codeFor(author.token)).toBe('UNAUTHENTICATED')
})

test('no password and no token is stored as it is', async () => {
  await login(author.email, author.password)
  const { manager } = product.connections.db
  const rows = JSON.stringify([
    await manager.query('SELECT * FROM staff_user'),
    await manager.query('SELECT HEX(token_hash), public_id FROM staff_session'),
  ])
  expect(rows).not.toContain(author.password)
  expect(rows).not.toContain(author.token)
  expect(rows).not.toContain(author.email)
  expect(rows).toContain('$argon2id$')
})
