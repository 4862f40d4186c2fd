import { Secret, TOTP } from 'otpauth'
import { write } from '../src/transaction'
import { makeStaff, type Staff } from './support/actors'
import { type AnyData, ok } from './support/api'
import { everythingStored } from './support/dump'
import { type Product, startProduct } from './support/product'

let product: Product

beforeAll(async () => {
  product = await startProduct({ worker: false })
})
afterAll(() => product?.stop())

const LOGIN = `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) {
  tokens { accessToken } userErrors { code field } } }`
const logIn = async ({ email, password }: Staff, totp?: string, transport = 'BEARER'): Promise<AnyData> =>
  (await ok(product, LOGIN, { input: { email, password, transport, totp } }, { staff: true })).staffLogin

const act = async (staff: Staff, mutation: string, variables: AnyData = {}): Promise<AnyData> =>
  Object.values(await ok(product, mutation, variables, { token: staff.token }))[0]

const START = 'mutation { secondFactorStart { secret url userErrors { code } } }'
const CONFIRM =
  'mutation ($code: String!) { secondFactorConfirm(code: $code) { recoveryCodes userErrors { code field } } }'
const RENEW =
  'mutation ($code: String!) { recoveryCodesRenew(code: $code) { recoveryCodes userErrors { code } } }'
const REMOVE =
  'mutation ($code: String!) { secondFactorRemove(code: $code) { accepted userErrors { code } } }'

/** The code a phone shows now, or so many 30-second steps from now. */
const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })

/** As if no code had been used yet: tests do not wait 30 seconds for the next one. */
const forgetStep = () => write(product.connections.db.manager, 'UPDATE staff_user SET totp_step = NULL')

async function enrolled(
  role: 'AUTHOR' | 'ADMIN' = 'AUTHOR',
): Promise<{ staff: Staff; secret: string; codes: string[] }> {
  const staff = await makeStaff(product, role)
  const { secret } = await act(staff, START)
  const { recoveryCodes } = await act(staff, CONFIRM, { code: codeOf(secret) })
  await forgetStep()
  return { staff, secret, codes: recoveryCodes }
}

const REFUSED = { tokens: null, userErrors: [{ code: 'CODE_INVALID', field: ['input', 'totp'] }] }

test('a second factor counts once a first code was entered, and is then asked for at every log-in', async () => {
  const staff = await makeStaff(product, 'AUTHOR')
  const { secret, url } = await act(staff, START)

  expect(url).toMatch(/^otpauth:\/\/totp\/.*secret=.*period=30/)
  expect((await logIn(staff)).userErrors).toEqual([])
  expect(await act(staff, CONFIRM, { code: '000000' })).toEqual({
    recoveryCodes: [],
    userErrors: [{ code: 'CODE_INVALID', field: ['code'] }],
  })
  expect((await logIn(staff)).userErrors).toEqual([])
  const { recoveryCodes } = await act(staff, CONFIRM, { code: codeOf(secret) })
  expect(new Set(recoveryCodes).size).toBe(10)
  for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
  await forgetStep()

  expect(await logIn(staff)).toEqual({
    tokens: null,
    userErrors: [{ code: 'REQUIRED', field: ['input', 'totp'] }],
  })
  expect(await logIn({ ...staff, password: 'wrong' }, codeOf(secret))).toMatchObject({
    userErrors: [{ code: 'INVALID', field: ['input', 'password'] }],
  })
  expect((await logIn(staff, codeOf(secret))).tokens.accessToken).toEqual(expect.any(String))
  const { viewer } = await ok(product, '{ viewer { staff { hasSecondFactor } } }', {}, { token: staff.token })
  expect(viewer.staff.hasSecondFactor).toBe(true)
})

test('a code is good once, also when it is tried many times at once', async () => {
  const { staff, secret } = await enrolled()
  const code = codeOf(secret)
  const answers = await Promise.all(Array.from({ length: 8 }, () => logIn(staff, code)))

  expect(answers.filter(({ tokens }) => tokens !== null)).toHaveLength(1)
  expect(await logIn(staff, code)).toEqual(REFUSED)
})

test('one step of 30 seconds either way is accepted, two are not, and an older one is not after a newer', async () => {
  const { staff, secret } = await enrolled()
  for (const steps of [-2, 2, 3]) expect(await logIn(staff, codeOf(secret, steps))).toEqual(REFUSED)
  expect((await logIn(staff, codeOf(secret, 1))).userErrors).toEqual([])
  expect(await logIn(staff, codeOf(secret))).toEqual(REFUSED)
  expect(await logIn(staff, codeOf(secret, -1))).toEqual(REFUSED)
})

test('a recovery code is good once, however it is typed, and only for its owner', async () => {
  const { staff, codes } = await enrolled()
  const other = await enrolled()
  const [first = '', second = ''] = codes

  expect(await logIn(other.staff, first)).toEqual(REFUSED)
  expect((await logIn(staff, first)).userErrors).toEqual([])
  expect(await logIn(staff, first)).toEqual(REFUSED)
  expect((await logIn(staff, ` ${second.toUpperCase().replaceAll('-', ' ')} `)).userErrors).toEqual([])
})

test('20 wrong codes in a day are the last, in a browser too, and the password alone does not reset them', async () => {
  const { staff, secret } = await enrolled()
  for (let n = 0; n < 20; n++) expect(await logIn(staff, '000000')).toEqual(REFUSED)
  expect((await logIn(staff)).userErrors).toMatchObject([{ code: 'REQUIRED' }])

  const limited = { tokens: null, userErrors: [{ code: 'RATE_LIMITED', field: ['input', 'totp'] }] }
  expect(await logIn(staff, codeOf(secret))).toEqual(limited)
  expect(await logIn(staff, codeOf(secret), 'COOKIE')).toEqual(limited)
  await write(product.connections.db.manager, 'UPDATE staff_attempt SET since = since - INTERVAL 1 DAY')
  expect((await logIn(staff, codeOf(secret))).userErrors).toEqual([])
})

test('recovery codes are renewed and the second factor is removed only with a code', async () => {
  const { staff, secret, codes } = await enrolled()
  expect((await act(staff, RENEW, { code: '000000' })).userErrors).toMatchObject([{ code: 'CODE_INVALID' }])
  const { recoveryCodes } = await act(staff, RENEW, { code: codeOf(secret) })
  expect(await logIn(staff, codes[0])).toEqual(REFUSED)
  expect((await logIn(staff, recoveryCodes[0])).userErrors).toEqual([])

  expect(await act(staff, REMOVE, { code: codes[1] })).toMatchObject({ accepted: false })
  expect(await act(staff, REMOVE, { code: recoveryCodes[1] })).toMatchObject({ accepted: true })
  expect((await logIn(staff)).userErrors).toEqual([])
})

test('one that is on is not replaced, and starting needs a fresh password', async () => {
  const { staff } = await enrolled()
  expect(await act(staff, START)).toEqual({
    secret: null,
    url: null,
    userErrors: [{ code: 'INVALID_STATE' }],
  })
  expect((await act(staff, CONFIRM, { code: '000000' })).recoveryCodes).toEqual([])

  const other = await makeStaff(product, 'AUTHOR')
  await write(
    product.connections.db.manager,
    'UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE',
  )
  expect((await act(other, START)).userErrors).toEqual([{ code: 'REAUTH_REQUIRED' }])
})

test('a code proves that the person is still there', async () => {
  const { staff, secret } = await enrolled('ADMIN')
  const reauth = 'mutation ($code: String!) { reauthenticate(input: { code: $code }) { accepted } }'

  expect(await act(staff, reauth, { code: codeOf(secret) })).toEqual({ accepted: true })
  expect(await act(staff, reauth, { code: codeOf(secret) })).toEqual({ accepted: false })
})

test('neither secret nor recovery codes are stored as they are', async () => {
  const { secret, codes } = await enrolled()
  const stored = (await everythingStored(product)).toLowerCase()

  for (const value of [secret, ...codes, ...codes.map(code => code.replaceAll('-', ''))])
    expect(stored).not.toContain(value.toLowerCase())
})
