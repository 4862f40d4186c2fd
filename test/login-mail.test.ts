// Who gets a log-in mail, and that the answer does not tell.
import { ReaderCode } from '../src/entities/reader-code'
import { SuppressionReason } from '../src/entities/suppression'
import { codeFor } from '../src/secrets/code'
import { makeReader, makeStaff, makeTopic, register, registerInput, uniqueAddress } from './support/actors'
import { ok } from './support/api'
import { askToLogIn, complete, LOGIN_COMPLETE, LOGIN_START, send } from './support/logging-in'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { backdateNotices, hashOfAddress, settled, suppressAddress } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

/** Returns how many mails the address has in all when everything has settled. */
async function ask(email: string): Promise<number> {
  const { loginStart } = await ok(product, LOGIN_START, { input: { email } })
  expect(loginStart).toEqual({ accepted: true, alreadyPassed: [], retryAfterSeconds: null, userErrors: [] })
  await settled(product, email)
  return mailsTo(product, email).length
}

/** An address of each kind there is. */
async function addresses(): Promise<Record<string, string>> {
  const pending = await registerInput(product, ['topic:weekly'])
  await register(product, pending)
  await waitForMail(product, pending.email)
  const known = await makeReader(product, ['topic:weekly'])
  const complained = await makeReader(product, ['topic:weekly'])
  await suppressAddress(product, complained.email, SuppressionReason.COMPLAINT)
  const emails = {
    unknown: uniqueAddress(),
    pending: pending.email,
    known: known.email,
    complained: complained.email,
  }
  for (const email of Object.values(emails)) await settled(product, email)
  return emails
}

/** What came back, but for the time and the request's id. */
async function bytesOf(query: string, input: Record<string, unknown>): Promise<string> {
  const { status, headers, text } = await send(product, query, { input })
  return JSON.stringify([
    status,
    [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
    text,
  ])
}

test('unknown, pending, known and suppressed addresses get the same bytes', async () => {
  const emails = Object.values(await addresses())

  const started = []
  for (const email of emails) started.push(await bytesOf(LOGIN_START, { email }))
  expect(started[0]).toContain('accepted\\":true')
  expect(new Set(started).size).toBe(1)

  for (const email of emails) await settled(product, email)
  for (let tries = 0; tries < 7; tries++) {
    const guessed = []
    for (const email of emails)
      guessed.push(await bytesOf(LOGIN_COMPLETE, { email, code: '000000', transport: 'BEARER' }))
    expect(guessed[0]).toContain('CODE_INVALID')
    expect(new Set(guessed).size).toBe(1)
  }
})

test('asking and guessing write the same rows for every kind of address', async () => {
  const { manager } = product.connections.db
  const rows = async (): Promise<string> =>
    JSON.stringify(
      await manager.query(
        `SELECT (SELECT COUNT(*) FROM notice) notices, (SELECT COUNT(*) FROM reader_code) codes,
         (SELECT COALESCE(SUM(tries), 0) FROM reader_code) tries, (SELECT COUNT(*) FROM reader_session) sessions`,
      ),
    )
  const difference = (before: string, after: string) => {
    const [[one], [other]] = [JSON.parse(before), JSON.parse(after)]
    return Object.keys(one).map(key => Number(other[key]) - Number(one[key]))
  }

  for (const email of Object.values(await addresses())) {
    const before = await rows()
    await ask(email)
    expect(difference(before, await rows())).toEqual([1, 1, 0, 0])
    await complete(product, { email, code: '000000' })
    expect(difference(before, await rows())).toEqual([1, 1, 1, 0])
  }
})

test('only a reader gets the mail', async () => {
  const { unknown = '', pending = '', known = '', complained = '' } = await addresses()

  expect(await ask(unknown)).toBe(0)
  expect(await ask(pending)).toBe(1)
  expect(await ask(known)).toBe(2)
  expect(await ask(complained)).toBe(1)
})

test.each([SuppressionReason.COMPLAINT, SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL])(
  'after %s no log-in mail goes, and a code guessed right logs in nobody',
  async reason => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await suppressAddress(product, email, reason)

    expect(await ask(email)).toBe(1)
    expect(await complete(product, { email, code: await codeNobodyWasTold(email) })).toMatchObject({
      tokens: null,
      userErrors: [{ code: 'CODE_INVALID' }],
    })
  },
)

/** The right one of a request whose mail was never sent. */
async function codeNobodyWasTold(email: string): Promise<string> {
  const { db, keyring } = product.connections
  const { keyId, purpose, reference } = await db.manager.findOneOrFail(ReaderCode, {
    where: { addressHash: hashOfAddress(product, email) },
    order: { noticeId: 'DESC' },
  })
  return codeFor(keyring, keyId, purpose, reference) ?? ''
}

test('who stopped everything can still log in', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  await suppressAddress(product, email, SuppressionReason.UNSUBSCRIBED_ALL)

  const { code } = await askToLogIn(product, email)

  expect((await complete(product, { email, code })).userErrors).toEqual([])
})

test('ten log-in mails a day at most; a request that is not mailed leaves the last code alone', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  for (let n = 2; n <= 10; n++) expect(await ask(email)).toBe(n)
  const { code } = await askToLogIn(product, email)

  expect(await ask(email)).toBe(11)
  expect(await ask(email)).toBe(11)

  expect((await complete(product, { email, code })).userErrors).toEqual([])
  await backdateNotices(product, email, 24 * 60 + 1)
  expect(await ask(email)).toBe(12)
})

test('something that is no address is refused', async () => {
  for (const email of ['', 'nobody', 'a@b@c', 'a b@example.org']) {
    const { loginStart } = await ok(product, LOGIN_START, { input: { email } })
    expect(loginStart).toMatchObject({
      accepted: false,
      userErrors: [{ code: 'INVALID', field: ['input', 'email'] }],
    })
  }
})
