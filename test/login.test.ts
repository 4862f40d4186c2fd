import { write } from '../src/transaction'
import { makeReader, makeStaff, makeTopic } from './support/actors'
import { everythingStored, expectNoChange } from './support/dump'
import { askToLogIn, complete, logInApp, roleOf } from './support/logging-in'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'
import { hashOfAddress } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const newReader = async (): Promise<string> => (await makeReader(product, ['topic:weekly'])).email
const refused = (code: string, field: string) => ({
  session: null,
  tokens: null,
  userErrors: [{ code, message: expect.any(String), field: ['input', field] }],
})
const wrongCode = refused('CODE_INVALID', 'code')
/** Never the right one. */
const other = (code: string, n = 1): string => String((Number(code) + n) % 1_000_000).padStart(6, '0')

const sooner = (email: string, minutes: number): Promise<number> =>
  write(
    product.connections.db.manager,
    'UPDATE reader_code SET expires_at = expires_at - INTERVAL ? MINUTE WHERE address_hash = ?',
    [minutes, hashOfAddress(product, email)],
  )

describe('one mail, two ways in', () => {
  test('the code logs in the device that asked, with its address and name for the reader alone', async () => {
    const email = await newReader()
    const { code, mail } = await askToLogIn(product, email)

    const { session, tokens, userErrors } = await complete(product, { email, code, device: 'Phone' })

    expect(userErrors).toEqual([])
    expect(session).toMatchObject({ transport: 'BEARER', device: 'Phone', current: true })
    expect(await roleOf(product, tokens.accessToken)).toBe('READER')
    expect(mail.subject).toBe('Log in to We Interrupt')
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail.headers.has('list-unsubscribe')).toBe(false)
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain(code)
      expect(part).toContain(`${product.url}/l/`)
      expect(part).not.toContain(email)
    }
  })

  test('the link logs in another device', async () => {
    const email = await newReader()
    const { token } = await askToLogIn(product, email)

    const { tokens } = await complete(product, { token })

    expect(await roleOf(product, tokens.accessToken)).toBe('READER')
  })

  test('a code is pasted with spaces or a hyphen, and the address written otherwise', async () => {
    const email = await newReader()
    const { code } = await askToLogIn(product, email)

    const pasted = ` ${code.slice(0, 3)} ${code.slice(3, 4)}-${code.slice(4)}\n`
    const answer = await complete(product, { email: email.toUpperCase(), code: pasted })

    expect(answer.userErrors).toEqual([])
  })

  test('mail in the language of the reader, whoever asks', async () => {
    const { email } = await makeReader(product, ['topic:weekly'], { locale: 'de' })

    expect((await askToLogIn(product, email)).mail.subject).toBe('Bei We Interrupt einloggen')
  })

  test('an API with other keys neither takes the code nor the link', async () => {
    const email = await newReader()
    const { code, token } = await askToLogIn(product, email)
    const stranger = await startMoreApi(product, {
      SECRET_KEYS: `1:${Buffer.alloc(32, 7).toString('base64')}`,
    })

    expect(await complete(stranger, { email, code })).toEqual(wrongCode)
    expect(await complete(stranger, { token })).toEqual(refused('TOKEN_INVALID', 'token'))
    await stranger.stop()
  })
})

describe('once, and not for long', () => {
  test('a used code and a used link log in nobody, whichever of the two was used', async () => {
    const email = await newReader()
    const first = await askToLogIn(product, email)
    await complete(product, { email, code: first.code })
    expect(await complete(product, { email, code: first.code })).toEqual(wrongCode)
    expect(await complete(product, { token: first.token })).toEqual(refused('TOKEN_INVALID', 'token'))

    const second = await askToLogIn(product, email)
    await complete(product, { token: second.token })
    expect(await complete(product, { token: second.token })).toEqual(refused('TOKEN_INVALID', 'token'))
    expect(await complete(product, { email, code: second.code })).toEqual(wrongCode)
  })

  test('ten with the same link at once are one log-in', async () => {
    const { token } = await askToLogIn(product, await newReader())

    const answers = await Promise.all(Array.from({ length: 10 }, () => complete(product, { token })))

    expect(answers.filter(({ tokens }) => tokens)).toHaveLength(1)
  })

  test('after 30 minutes both are over', async () => {
    const email = await newReader()
    const first = await askToLogIn(product, email)
    await sooner(email, 29)
    expect((await complete(product, { email, code: first.code })).userErrors).toEqual([])

    const { code, token } = await askToLogIn(product, email)
    await sooner(email, 30)
    expect(await complete(product, { email, code })).toEqual(wrongCode)
    expect(await complete(product, { token })).toEqual(refused('TOKEN_EXPIRED', 'token'))
  })

  test('after five wrong codes the right one is refused, and the link of the same mail still works', async () => {
    const email = await newReader()
    const { code, token } = await askToLogIn(product, email)

    for (let n = 1; n <= 5; n++)
      expect(await complete(product, { email, code: other(code, n) })).toEqual(wrongCode)

    expect(await complete(product, { email, code })).toEqual(wrongCode)
    expect((await complete(product, { token })).userErrors).toEqual([])
  })

  test('four wrong codes are no harm', async () => {
    const email = await newReader()
    const { code } = await askToLogIn(product, email)

    for (let n = 1; n <= 4; n++) await complete(product, { email, code: other(code, n) })

    expect((await complete(product, { email, code })).userErrors).toEqual([])
  })

  test('of fifty guesses at the same moment five are looked at', async () => {
    const email = await newReader()
    const { code } = await askToLogIn(product, email)
    const guesses = Array.from({ length: 50 }, (_, n) => other(code, n + 1))

    await Promise.all(guesses.map(guess => complete(product, { email, code: guess })))

    expect(await complete(product, { email, code })).toEqual(wrongCode)
  })
})

describe('a code belongs to its request', () => {
  test('of two mails only the code of the newer one counts, and each link', async () => {
    const email = await newReader()
    const [older, newer] = [await askToLogIn(product, email), await askToLogIn(product, email)]

    if (older.code !== newer.code)
      expect(await complete(product, { email, code: older.code })).toEqual(wrongCode)
    expect((await complete(product, { email, code: newer.code })).userErrors).toEqual([])
    expect((await complete(product, { token: older.token })).userErrors).toEqual([])
  })

  test('the code of one reader does not log in another, nor does a token for another purpose', async () => {
    const [ada, bob] = [await newReader(), await newReader()]
    const [hers, his] = [await askToLogIn(product, ada), await askToLogIn(product, bob)]

    if (hers.code !== his.code)
      expect(await complete(product, { email: bob, code: hers.code })).toEqual(wrongCode)
    const { mail } = await makeReader(product, ['topic:weekly'])
    const confirmToken = /\/c\/([a-z2-7]{53})/.exec(mail.text)?.[1]
    expect(await complete(product, { token: confirmToken })).toEqual(refused('TOKEN_INVALID', 'token'))
    expect((await fetch(`${product.url}/c/${hers.token}`, { method: 'POST' })).status).toBe(404)
    expect((await fetch(`${product.url}/u/${hers.token}`, { method: 'POST' })).status).toBe(404)
  })

  test('every changed letter makes the link worthless', async () => {
    const { token } = await askToLogIn(product, await newReader())
    const changed = [...token].map(
      (letter, at) => token.slice(0, at) + (letter === 'a' ? 'b' : 'a') + token.slice(at + 1),
    )

    await expectNoChange(product, async () => {
      for (const forged of [...changed, '', token.slice(1), `${token}a`, token.toUpperCase(), "' OR 1=1 --"])
        expect((await complete(product, { token: forged || 'x' })).tokens).toBeNull()
    })
  })
})

describe('input that cannot be meant', () => {
  test.each([
    [{}, 'REQUIRED', 'code'],
    [{ code: '123456' }, 'REQUIRED', 'email'],
    [{ email: 'not an address', code: '123456' }, 'INVALID', 'email'],
    [{ token: 'x', device: 'x'.repeat(101) }, 'TOO_LONG', 'device'],
    [{ token: 'x', device: 'Phone\u202e' }, 'INVALID', 'device'],
    [{ email: 'nobody@example.org', code: '' }, 'REQUIRED', 'code'],
    [{ email: 'nobody@example.org', code: 'abcdef' }, 'CODE_INVALID', 'code'],
    [{ email: 'nobody@example.org', code: '9'.repeat(10_000) }, 'CODE_INVALID', 'code'],
  ])('%j is refused with %s on %s and changes nothing', async (input, code, field) => {
    await expectNoChange(product, async () => {
      expect(await complete(product, input)).toEqual(refused(code, field))
    })
  })
})

test('neither codes nor tokens nor links are stored anywhere, nor in Redis', async () => {
  const email = await newReader()
  const { code, token } = await askToLogIn(product, email)
  const { accessToken, refreshToken } = await logInApp(product, email)

  const { redis } = product.connections
  const keys = await redis.keys('*')
  const stored = `${await everythingStored(product)} ${keys.join()}`
  for (const secret of [token, accessToken, refreshToken, ...refreshToken.split('.')])
    expect(stored).not.toContain(secret)
  expect(stored).not.toMatch(new RegExp(`"${code}"`))
})
