import { Secret, TOTP } from 'otpauth'
import { write } from '../src/transaction'
import { makeStaff, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { runWeinterrupt } from './support/command'
import { expectNoChange } from './support/dump'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { noticesOf, settled } from './support/rows'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(() => product?.stop())

const sql = (statement: string, parameters: unknown[] = []) =>
  write(product.connections.db.manager, statement, parameters)

const act = async (staff: Staff | undefined, mutation: string, variables: AnyData = {}): Promise<AnyData> =>
  Object.values(await ok(product, mutation, variables, { token: staff?.token, staff: true }))[0]

const INVITE = `mutation ($input: StaffInput!) { staffInvite(input: $input) {
  staff { id name email role confirmedAt } userErrors { code field } } }`
const SAVE = `mutation ($id: ID!, $role: Role!, $disabled: Boolean!) { staffSave(id: $id, role: $role, disabled: $disabled) {
  staff { role disabled } userErrors { code field } } }`
const SET =
  'mutation ($token: String!, $password: String!) { staffPasswordSet(token: $token, password: $password) { accepted userErrors { code field message } } }'
const RESET =
  'mutation ($email: String!) { staffPasswordResetStart(input: { email: $email }) { accepted retryAfterSeconds userErrors { code field } } }'
const CHANGE =
  'mutation ($input: PasswordChangeInput!) { staffPasswordChange(input: $input) { accepted userErrors { code field } } }'
const LOGIN =
  'mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { tokens { accessToken } userErrors { code field } } }'

const canLogIn = async (email: string, password: string): Promise<boolean> =>
  (await act(undefined, LOGIN, { input: { email, password, transport: 'BEARER' } })).tokens !== null
const isLoggedIn = async ({ token }: Staff): Promise<boolean> =>
  !(await graphql(product, '{ newsletters { nodes { id } } }', {}, { token })).errors
const idOf = async ({ token }: Staff): Promise<string> =>
  (await ok(product, '{ viewer { staff { id } } }', {}, { token })).viewer.staff.id

async function linkTo(email: string, n = 1): Promise<string> {
  const { text } = await waitForMail(product, email, n)
  return /\/s\/([a-z2-7]{53})/.exec(text)?.[1] ?? ''
}

let people = 0
const someone = (): string => `someone-${++people}@site.example`

async function invite(
  role = 'AUTHOR',
  email = someone(),
): Promise<{ email: string; id: string; token: string }> {
  const { staff, userErrors } = await act(admin, INVITE, { input: { name: 'Grace Hopper', email, role } })
  expect(userErrors).toEqual([])
  return { email, id: staff.id, token: await linkTo(email) }
}

const form = (token: string, password?: string): Promise<Response> =>
  fetch(
    `${product.url}/s/${token}`,
    password === undefined
      ? {}
      : {
          method: 'POST',
          body: new URLSearchParams({ password }),
        },
  )

describe('an invitation', () => {
  test('lets somebody choose a password on a page, once, and gives the role', async () => {
    const { email, token } = await invite('PUBLISHER')
    expect(await canLogIn(email, '')).toBe(false)
    const page = await (await form(token)).text()
    expect(page).toContain('autocomplete="new-password"')
    expect(page).not.toContain(email)

    const short = await form(token, 'too short')
    expect([short.status, await short.text()]).toEqual([
      422,
      expect.stringContaining('at least 12 characters'),
    ])
    expect((await form(token, 'a long sentence')).status).toBe(200)
    expect(await canLogIn(email, 'a long sentence')).toBe(true)
    expect([(await form(token)).status, (await form(token, 'another sentence')).status]).toEqual([404, 404])
    expect(await canLogIn(email, 'another sentence')).toBe(false)
  })

  test('mails only what the site itself says, and opening its link changes nothing', async () => {
    const { email, token } = await invite()
    const mail = await waitForMail(product, email)

    expect(mail.subject).toBe('Your access to We Interrupt')
    expect(mail.text + mail.html).not.toMatch(/Grace|Hopper/)
    expect(mail.html).toContain(`/s/${token}`)
    await expectNoChange(product, async () => {
      for (let n = 0; n < 3; n++) expect((await form(token)).status).toBe(200)
    })
  })

  test('also works by mutation; a wrong token and a short password say so and change nothing', async () => {
    const { email, token } = await invite()
    await expectNoChange(product, async () => {
      const forged = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`
      for (const one of [forged, '', 'x', 'ä'.repeat(53)])
        expect(await act(undefined, SET, { token: one, password: 'a long sentence' })).toMatchObject({
          accepted: false,
          userErrors: [{ code: 'TOKEN_INVALID', field: ['token'] }],
        })
      for (const password of ['', 'elevenchars', 'x'.repeat(501)])
        expect((await act(undefined, SET, { token, password })).userErrors).toMatchObject([
          { code: 'INVALID', field: ['password'] },
        ])
    })
    const both = await Promise.all(
      ['one long sentence', 'two long sentences'].map(password => act(undefined, SET, { token, password })),
    )
    expect(both.filter(({ accepted }) => accepted)).toHaveLength(1)
    expect(
      (await canLogIn(email, 'one long sentence')) !== (await canLogIn(email, 'two long sentences')),
    ).toBe(true)
  })

  test('runs out after 72 hours and can be mailed again', async () => {
    const { email, token } = await invite()
    await settled(product, email)
    await sql('UPDATE notice SET created_at = created_at - INTERVAL 72 HOUR WHERE id = ?', [
      (await noticesOf(product, email))[0]?.id,
    ])
    expect((await form(token, 'a long sentence')).status).toBe(404)

    await invite('AUTHOR', email)
    expect((await form(await linkTo(email, 2), 'a long sentence')).status).toBe(200)
  })

  test('is refused for who has a password, for what is no role, name or address, and without a fresh password', async () => {
    const known = await makeStaff(product, 'AUTHOR')
    const good = { name: 'N', email: someone(), role: 'AUTHOR' }
    await expectNoChange(product, async () => {
      for (const [change, field] of [
        [{ email: known.email }, 'email'],
        [{ email: 'nonsense' }, 'email'],
        [{ role: 'READER' }, 'role'],
        [{ name: ' ' }, 'name'],
        [{ name: 'A\nB' }, 'name'],
        [{ name: 'x'.repeat(101) }, 'name'],
      ] as const)
        expect(await act(admin, INVITE, { input: { ...good, ...change } })).toEqual({
          staff: null,
          userErrors: [{ code: 'INVALID', field: ['input', field] }],
        })
    })
    const other = await makeStaff(product, 'ADMIN')
    await sql(
      'UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE ORDER BY created_at DESC LIMIT 1',
    )
    expect((await act(other, INVITE, { input: good })).userErrors).toMatchObject([
      { code: 'REAUTH_REQUIRED' },
    ])
    expect(
      (await act(other, SAVE, { id: await idOf(known), role: 'ADMIN', disabled: false })).userErrors,
    ).toMatchObject([{ code: 'REAUTH_REQUIRED' }])
  })
})

describe('a reset', () => {
  test('mails a link for half an hour to staff, and the answer is the same for everybody', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    const answers = [staff.email, 'nobody@site.example'].map(email => act(undefined, RESET, { email }))
    expect(await Promise.all(answers)).toEqual(
      Array(2).fill({ accepted: true, retryAfterSeconds: null, userErrors: [] }),
    )
    const token = await linkTo(staff.email)
    expect(
      (await settled(product, 'nobody@site.example')).map(({ state, outcome }) => [state, outcome]),
    ).toEqual([['cancelled', 'NO_REQUEST']])
    expect(mailsTo(product, 'nobody@site.example')).toEqual([])

    const [notice] = await settled(product, staff.email)
    await sql('UPDATE notice SET created_at = created_at - INTERVAL 30 MINUTE WHERE id = ?', [notice?.id])
    expect((await form(token)).status).toBe(404)
    await sql('UPDATE notice SET created_at = created_at + INTERVAL 30 MINUTE WHERE id = ?', [notice?.id])
    await sql('UPDATE staff_user SET password_changed_at = password_changed_at - INTERVAL 1 DAY')
    expect((await form(token, 'a new long sentence')).status).toBe(200)
    expect(await canLogIn(staff.email, staff.password)).toBe(false)
    expect(await canLogIn(staff.email, 'a new long sentence')).toBe(true)
    expect(await isLoggedIn(staff)).toBe(false)
  })

  test('a new password voids every link that was mailed before', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    for (let n = 0; n < 2; n++) await act(undefined, RESET, { email: staff.email })
    const [first, second] = [await linkTo(staff.email, 1), await linkTo(staff.email, 2)]
    await act(undefined, SET, { token: second, password: 'a new long sentence' })

    expect((await form(first)).status).toBe(404)
  })

  test('is asked for at most five times an hour for one address, known or not', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    for (const email of [staff.email, 'stranger@site.example']) {
      for (let n = 0; n < 5; n++)
        expect(await act(undefined, RESET, { email })).toMatchObject({ accepted: true })
      expect(await act(undefined, RESET, { email })).toMatchObject({
        userErrors: [{ code: 'RATE_LIMITED', field: null }],
      })
    }
    await settled(product, staff.email)
    expect(mailsTo(product, staff.email)).toHaveLength(5)
  })

  test('does not take off the second factor, and is refused to the disabled', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    const { secret } = await act(staff, 'mutation { secondFactorStart { secret } }')
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
    await act(staff, 'mutation ($code: String!) { secondFactorConfirm(code: $code) { recoveryCodes } }', {
      code,
    })
    await act(undefined, RESET, { email: staff.email })
    await act(undefined, SET, { token: await linkTo(staff.email), password: 'a new long sentence' })
    const input = { email: staff.email, password: 'a new long sentence', transport: 'BEARER' }
    expect((await act(undefined, LOGIN, { input })).userErrors).toMatchObject([
      { code: 'REQUIRED', field: ['input', 'totp'] },
    ])

    const gone = await makeStaff(product, 'AUTHOR')
    const id = await idOf(gone)
    await act(undefined, RESET, { email: gone.email })
    const token = await linkTo(gone.email)
    await act(admin, SAVE, { id, role: 'AUTHOR', disabled: true })
    expect((await form(token, 'a new long sentence')).status).toBe(404)
  })
})

describe('every log-in ends within one request', () => {
  test.each([
    [
      'a change of the own password',
      (staff: Staff) =>
        act(staff, CHANGE, { input: { password: staff.password, newPassword: 'a new long sentence' } }),
    ],
    [
      'another role',
      async (staff: Staff) => act(admin, SAVE, { id: await idOf(staff), role: 'PUBLISHER', disabled: false }),
    ],
    [
      'being disabled',
      async (staff: Staff) => act(admin, SAVE, { id: await idOf(staff), role: 'AUTHOR', disabled: true }),
    ],
    [
      'a reset by the operator',
      (staff: Staff) => runWeinterrupt(product.env, 'staff', 'reset', '--email', staff.email),
    ],
    [
      'being deactivated by the operator',
      (staff: Staff) => runWeinterrupt(product.env, 'staff', 'deactivate', '--email', staff.email),
    ],
  ] as const)('after %s', async (_what, change) => {
    const staff = await makeStaff(product, 'AUTHOR')
    const second = (
      await act(undefined, LOGIN, {
        input: { email: staff.email, password: staff.password, transport: 'BEARER' },
      })
    ).tokens.accessToken
    expect(await isLoggedIn(staff)).toBe(true)
    await change(staff)

    expect(await isLoggedIn(staff)).toBe(false)
    expect(await isLoggedIn({ ...staff, token: second })).toBe(false)
  })

  test('but not when nothing was changed', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    await expectNoChange(product, async () => {
      await act(admin, SAVE, { id: await idOf(staff), role: 'AUTHOR', disabled: false })
      expect(
        (await act(staff, CHANGE, { input: { password: staff.password, newPassword: 'short' } })).userErrors,
      ).toMatchObject([{ code: 'INVALID', field: ['input', 'newPassword'] }])
    })
    expect(
      (await act(staff, CHANGE, { input: { password: 'wrong', newPassword: 'a new long sentence' } }))
        .userErrors,
    ).toMatchObject([{ code: 'INVALID', field: ['input', 'password'] }])
    expect(await isLoggedIn(staff)).toBe(true)
  })

  test('a log-in that races a deactivation does not outlive it', async () => {
    const staff = await makeStaff(product, 'AUTHOR')
    const id = await idOf(staff)
    const logins = Array.from({ length: 6 }, () =>
      act(undefined, LOGIN, { input: { email: staff.email, password: staff.password, transport: 'BEARER' } }),
    )
    const [answers] = await Promise.all([
      Promise.all(logins),
      act(admin, SAVE, { id, role: 'AUTHOR', disabled: true }),
    ])

    for (const { tokens } of answers)
      if (tokens) expect(await isLoggedIn({ ...staff, token: tokens.accessToken })).toBe(false)
    const sessions = await product.connections.db.manager.query(
      'SELECT 1 FROM staff_session s JOIN staff_user u ON u.id = s.staff_id WHERE u.public_id = ?',
      [id],
    )
    expect(sessions).toEqual([])
  })
})

test('who was disabled can be let in again', async () => {
  const staff = await makeStaff(product, 'AUTHOR')
  const id = await idOf(staff)
  await act(admin, SAVE, { id, role: 'AUTHOR', disabled: true })
  expect(await canLogIn(staff.email, staff.password)).toBe(false)
  expect(await act(admin, SAVE, { id, role: 'AUTHOR', disabled: false })).toMatchObject({
    staff: { disabled: false },
  })
  expect(await canLogIn(staff.email, staff.password)).toBe(true)
})

test('admins list staff, and what they changed about whom is in the audit events', async () => {
  const { staff } = await ok(
    product,
    '{ staff { id email role disabled confirmedAt hasSecondFactor } }',
    {},
    { token: admin.token },
  )
  expect(staff.length).toBeGreaterThan(10)
  expect(staff[0]).toMatchObject({
    email: admin.email,
    role: 'ADMIN',
    disabled: false,
    hasSecondFactor: false,
  })

  const { auditEvents } = await ok(
    product,
    '{ auditEvents(first: 100) { nodes { action reason } } }',
    {},
    { token: admin.token },
  )
  const actions = auditEvents.nodes.map((one: AnyData) => one.action)
  for (const action of [
    'staff.login',
    'staff.invite',
    'staff.role',
    'staff.disable',
    'staff.enable',
    'staff.password',
    'staff.second-factor-on',
  ])
    expect(actions).toContain(action)
  expect(auditEvents.nodes).toContainEqual({ action: 'staff.role', reason: 'AUTHOR to PUBLISHER' })
})

describe('somebody is always left who can let others in', () => {
  test('the last admin keeps the role, also when two take it from each other at once', async () => {
    await sql("UPDATE staff_user SET role = 'PUBLISHER' WHERE role = 'ADMIN'")
    const [one, two] = [await makeStaff(product, 'ADMIN'), await makeStaff(product, 'ADMIN')]
    const [oneId, twoId] = [await idOf(one), await idOf(two)]
    await Promise.all([
      graphql(product, SAVE, { id: twoId, role: 'AUTHOR', disabled: false }, { token: one.token }),
      graphql(product, SAVE, { id: oneId, role: 'AUTHOR', disabled: false }, { token: two.token }),
    ])
    const left = await product.connections.db.manager.query(
      "SELECT public_id FROM staff_user WHERE role = 'ADMIN'",
    )
    expect(left).toHaveLength(1)

    const last = left[0].public_id === oneId ? one : two
    for (const change of [
      { role: 'PUBLISHER', disabled: false },
      { role: 'ADMIN', disabled: true },
    ])
      expect(await act(last, SAVE, { id: left[0].public_id, ...change })).toMatchObject({
        userErrors: [{ code: 'INVALID_STATE' }],
      })
    expect(await isLoggedIn(last)).toBe(true)
    const refused = await runWeinterrupt(product.env, 'staff', 'deactivate', '--email', last.email)
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toMatch(/last admin/)
  })

  test('the operator gives a new password and takes off a second factor that is lost', async () => {
    const staff = await makeStaff(product, 'ADMIN')
    const { secret } = await act(staff, 'mutation { secondFactorStart { secret } }')
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
    await act(staff, 'mutation ($code: String!) { secondFactorConfirm(code: $code) { recoveryCodes } }', {
      code,
    })

    const kept = await runWeinterrupt(product.env, 'staff', 'reset', '--email', staff.email)
    const first = /Password .*: (\S{24})/.exec(kept.out)?.[1] ?? ''
    expect(await canLogIn(staff.email, first)).toBe(false)
    const reset = await runWeinterrupt(
      product.env,
      'staff',
      'reset',
      '--email',
      staff.email,
      '--second-factor',
    )
    const second = /Password .*: (\S{24})/.exec(reset.out)?.[1] ?? ''
    expect(await canLogIn(staff.email, first)).toBe(false)
    expect(await canLogIn(staff.email, second)).toBe(true)
    expect(
      await runWeinterrupt(product.env, 'staff', 'reset', '--email', 'nobody@site.example'),
    ).toMatchObject({
      code: 1,
      err: 'nobody@site.example is not the address of a staff member.\n',
    })

    const listed = JSON.parse((await runWeinterrupt(product.env, 'staff', 'list', '--json')).out)
    expect(listed).toContainEqual(
      expect.objectContaining({ email: staff.email, role: 'ADMIN', secondFactor: false, disabled: false }),
    )
    expect((await runWeinterrupt(product.env, 'staff', 'list')).out).toContain(
      `ADMIN An ADMIN <${staff.email}>`,
    )
  })
})
