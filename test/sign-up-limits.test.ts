import { randomUUID } from 'node:crypto'
import { makeReader, makeStaff, makeTopic, REGISTER, registerInput, uniqueAddress } from './support/actors'
import { confirmByApi, pending, post } from './support/confirming'
import { type MoreApi, startMoreApi } from './support/more-api'
import { createPrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { noticesOf, registrationsOf } from './support/rows'
import { askFrom, detailsFrom, filledIn, postForm, signUpFrom } from './support/visitor'

let product: Product
const apis: MoreApi[] = []

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
beforeEach(async () => void (await product.connections.redis.flushdb()))
afterAll(async () => {
  for (const api of apis) await api.stop()
  await product?.stop()
})

/** The same product with other rates. */
async function withRates(rates: string, more: NodeJS.ProcessEnv = {}): Promise<Product> {
  const api = await startMoreApi(product, { RATE_LIMITS: rates, ...more })
  apis.push(api)
  return { ...product, url: api.url }
}

const RESEND = `mutation ($email: String!) { confirmationResend(input: { email: $email }) {
  accepted retryAfterSeconds userErrors { code } } }`

describe('as shipped', () => {
  test.each([
    ['IPv4', (n: number) => `203.0.113.${n}`, '203.0.114.1'],
    ['IPv6', (n: number) => `2001:db8:7:${n}::${n}`, '2001:db8:8::1'],
    ['IPv4 inside IPv6', (n: number) => `::ffff:198.51.100.${n}`, '198.51.101.1'],
  ])('a network signs up five addresses an hour and no more: %s', async (_kind, ip, other) => {
    const answers = []
    for (let n = 1; n <= 12; n++) answers.push(await signUpFrom(product, ip(n)))

    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(5)
    const refused = answers.at(-1)
    expect(refused).toMatchObject({
      accepted: false,
      userErrors: [{ __typename: 'RateLimitedError', code: 'RATE_LIMITED', field: null }],
    })
    expect(refused.retryAfterSeconds).toBeGreaterThan(3500)
    expect(refused.retryAfterSeconds).toBeLessThanOrEqual(3600)
    expect(refused.userErrors[0].retryAfterSeconds).toBe(refused.retryAfterSeconds)
    expect(await signUpFrom(product, other)).toMatchObject({ accepted: true })
  })

  test('what is refused is stored nowhere and mails nobody', async () => {
    for (let n = 1; n <= 5; n++) await signUpFrom(product, '203.0.113.1')
    const email = uniqueAddress()

    expect(await signUpFrom(product, '203.0.113.2', { email })).toMatchObject({ accepted: false })

    expect(await registrationsOf(product, email)).toEqual([])
    expect(await noticesOf(product, email)).toEqual([])
  })

  test('asking for the mail again counts like signing up', async () => {
    for (let n = 1; n <= 5; n++) await signUpFrom(product, '203.0.113.1')

    const { body } = await askFrom(product, '203.0.113.9', RESEND, { email: uniqueAddress() })

    expect(body.data.confirmationResend).toMatchObject({
      accepted: false,
      userErrors: [{ code: 'RATE_LIMITED' }],
    })
    expect(body.data.confirmationResend.retryAfterSeconds).toBeGreaterThan(3500)
  })

  test('one address is asked for three times an hour from one network, and further from another', async () => {
    const email = uniqueAddress()
    for (let n = 1; n <= 3; n++)
      expect(await signUpFrom(product, '203.0.113.1', { email })).toMatchObject({ accepted: true })

    expect(await signUpFrom(product, '203.0.113.1', { email })).toMatchObject({ accepted: false })
    expect(await signUpFrom(product, '203.0.114.1', { email })).toMatchObject({ accepted: true })
  })

  test('the page says it to a person: 429, Retry-After, and what was typed is still there', async () => {
    for (let n = 1; n <= 5; n++) await signUpFrom(product, '203.0.113.1')
    const email = uniqueAddress()

    const page = await postForm(
      product,
      '203.0.113.1',
      filledIn(await detailsFrom(product, '203.0.113.1'), email),
    )

    expect(page.status).toBe(429)
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(3500)
    expect(page.html).toContain('Please try again in 60 minutes.')
    expect(page.html).toContain(email)
    expect(await registrationsOf(product, email)).toEqual([])
  })

  test('a sign-up on this machine is not counted', async () => {
    for (let n = 1; n <= 12; n++)
      expect(await signUpFrom(product, '127.0.0.1')).toMatchObject({ accepted: true })
  })

  test('who may say where a visitor comes from decides TRUSTED_PROXIES', async () => {
    const doubting = await withRates('network=2/h', { TRUSTED_PROXIES: '192.0.2.1' })
    for (let n = 1; n <= 2; n++) await signUpFrom(doubting, `198.51.${n}.1`)

    expect(await signUpFrom(doubting, '198.51.100.1')).toMatchObject({ accepted: false })
  })

  test('Redis holds neither an address nor a network', async () => {
    const email = uniqueAddress('victim.example')
    await signUpFrom(product, '203.0.113.77', { email })

    const { redis } = product.connections
    const keys = (await redis.keys('weinterrupt-rate*')).join('\n')
    expect(keys.split('\n').length).toBeGreaterThanOrEqual(6)
    for (const clear of ['203.0', 'victim', email.split('@')[0]]) expect(keys).not.toContain(clear)
  })
})

describe('with rates of its own', () => {
  test('a domain, except a large provider', async () => {
    const api = await withRates('domain=2/h')
    const domain = `${randomUUID()}.example`
    for (let n = 1; n <= 2; n++) await signUpFrom(api, `198.51.${n}.1`, { email: uniqueAddress(domain) })

    expect(await signUpFrom(api, '198.51.3.1', { email: uniqueAddress(domain) })).toMatchObject({
      accepted: false,
    })
    for (let n = 1; n <= 3; n++)
      expect(await signUpFrom(api, '198.51.4.1', { email: uniqueAddress('gmail.com') })).toMatchObject({
        accepted: true,
      })
  })

  test('the site, and what one network is refused uses up nothing of it', async () => {
    const api = await withRates('network=2/h; site=4/h')
    for (let n = 1; n <= 9; n++) await signUpFrom(api, '198.51.1.1')
    for (let n = 2; n <= 3; n++)
      expect(await signUpFrom(api, `198.51.${n}.1`)).toMatchObject({ accepted: true })

    expect(await signUpFrom(api, '198.51.4.1')).toMatchObject({ accepted: false })
  })

  test('they also hold on this machine', async () => {
    const api = await withRates('network=2/h')
    for (let n = 1; n <= 2; n++) await signUpFrom(api, '127.0.0.1')

    expect(await signUpFrom(api, '127.0.0.1')).toMatchObject({ accepted: false })
  })

  test('any public mutation: 429 with Retry-After for the whole request; unsubscribing and "not me" are never counted', async () => {
    const api = await withRates('call=3/m')
    const ask = () => askFrom(api, '198.51.1.1', 'mutation { ageCheck(birthMonth: "1990-05") { agePass } }')
    for (let n = 1; n <= 3; n++) expect(await ask()).toMatchObject({ status: 200 })

    const { status, retryAfter, body } = await ask()
    expect(status).toBe(429)
    expect(Number(retryAfter)).toBeGreaterThan(0)
    expect(body).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: Number(retryAfter) } }],
    })
    for (let n = 1; n <= 5; n++) {
      const leave = 'mutation { unsubscribe(input: { scope: ALL, token: "x" }) { userErrors { code } } }'
      expect((await askFrom(api, '198.51.1.1', leave)).status).toBe(200)
      const deny = 'mutation { registrationDeny(token: "x") { userErrors { code } } }'
      expect((await askFrom(api, '198.51.1.1', deny)).status).toBe(200)
      expect((await post(api, '/u/x')).status).toBe(404)
      expect((await post(api, '/c/x/deny')).status).toBe(404)
    }
  })

  test('a form: a page that says so', async () => {
    const api = await withRates('call=1/m')
    await detailsFrom(api, '198.51.1.1')

    const page = await detailsFrom(api, '198.51.1.1')

    expect(page.status).toBe(429)
    expect(page.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(page.html).toContain('There were too many requests from your network.')
  })
})

describe('with Redis away', () => {
  test('what may cause a mail is closed, the rest is open', async () => {
    const redis = await createPrivateRedis()
    await redis.start()
    const api = await startMoreApi(product, { REDIS_URL: redis.url })
    apis.push(api)
    const { email, token } = await pending(product)
    const input = await registerInput(product, ['topic:weekly'])
    const details = await detailsFrom(api, '127.0.0.1')
    const away = async () => {
      for (const ip of ['127.0.0.1', '203.0.113.1']) {
        for (const [query, variables] of [[REGISTER, { input }] as const, [RESEND, { email }] as const]) {
          const { status, retryAfter, body } = await askFrom(api, ip, query, variables)
          expect([status, retryAfter]).toEqual([503, '30'])
          expect(body.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
        }
        const page = await postForm(api, ip, filledIn(details, uniqueAddress()))
        expect([page.status, page.headers.get('retry-after')]).toEqual([503, '30'])
        expect(page.html).toContain('Please try again in a minute.')
      }
    }
    redis.freeze()
    await away()
    redis.thaw()
    await redis.stop()
    await away()
    expect(await registrationsOf(product, input.email)).toEqual([])

    expect(await confirmByApi(api, token)).toMatchObject({ reader: { status: 'ACTIVE' } })
    expect((await post(api, '/u/x')).status).toBe(404)
    await redis.start()
    for (let tries = 0; tries < 50; tries++) {
      if ((await askFrom(api, '127.0.0.1', REGISTER, { input })).status === 200) break
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await redis.stop()
    expect(await registrationsOf(product, input.email)).toHaveLength(1)
  })
})

test('a reader is known by then, and their address is counted like any other', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  for (let n = 1; n <= 3; n++)
    expect(await signUpFrom(product, '203.0.113.1', { email })).toMatchObject({ accepted: true })

  expect(await signUpFrom(product, '203.0.113.1', { email })).toMatchObject({ accepted: false })
})
