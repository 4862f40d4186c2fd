import { makeReader, makeStaff, makeTopic } from './support/actors'
import { type AnyData } from './support/api'
import { expectNoChange } from './support/dump'
import { askToLogIn, LOGIN_COMPLETE, logInBrowser, roleWithCookie, send } from './support/logging-in'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const newReader = async (): Promise<string> => (await makeReader(product, ['topic:weekly'])).email
const ROLE = '{ viewer { role } }'
const WEB = { 'sec-fetch-site': 'same-origin' }
const input = (email: string, code: string) => ({ input: { email, code, transport: 'COOKIE' } })

describe('the cookie', () => {
  test('is opaque, out of reach of scripts, and comes without any token in the answer', async () => {
    const email = await newReader()
    const { code } = await askToLogIn(product, email)

    const answer = await send(product, LOGIN_COMPLETE, input(email, code), { ...WEB, origin: product.url })

    const [cookie = '', ...others] = answer.cookies
    expect(others).toEqual([])
    expect(cookie).toMatch(
      /^weinterrupt-reader=[\w-]{43}; Max-Age=1209600; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    )
    const { session, tokens } = answer.body.data.loginComplete
    expect(session).toMatchObject({ transport: 'COOKIE', current: true })
    expect(tokens).toBeNull()
    expect(answer.text).not.toContain(cookie.slice(7, 50))
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await roleWithCookie(product, cookie.split(';')[0] ?? '')).toBe('READER')
  })

  test('is bound to the host and secure wherever the site is', async () => {
    const email = await newReader()
    const { token } = await askToLogIn(product, email)
    const site = await startMoreApi(product, { PUBLIC_URL: 'https://news.site.example' })

    const response = await fetch(`${site.url}/l/${token}`, { method: 'POST' })

    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-weinterrupt-reader=[\w-]{43}; Max-Age=1209600; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    )
    const [pair = ''] = cookie.split(';')
    expect(await roleWithCookie(site, pair)).toBe('READER')
    expect(await roleWithCookie(site, pair.replace('__Host-', ''))).toBe('ANONYMOUS')
    await site.stop()
  })

  test('is another one after every log-in, and logging out takes it away', async () => {
    const email = await newReader()
    const [first, second] = [await logInBrowser(product, email), await logInBrowser(product, email)]
    expect(first).not.toBe(second)

    const answer = await send(product, 'mutation { logout { accepted } }', {}, { cookie: second })

    expect(answer.cookies).toEqual([
      'weinterrupt-reader=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ])
    expect(await roleWithCookie(product, second)).toBe('ANONYMOUS')
    expect(await roleWithCookie(product, first)).toBe('READER')
  })

  test('among other cookies it is found, and what only looks like it is not', async () => {
    const cookie = await logInBrowser(product, await newReader())

    expect(await roleWithCookie(product, `ag=1; ${cookie}; theme=dark`)).toBe('READER')
    for (const other of [`x${cookie}`, `${cookie}x`, cookie.slice(0, -1), 'reader=', `staff_${cookie}`])
      expect(await roleWithCookie(product, other)).toBe('ANONYMOUS')
  })

  test('is not looked at when an Authorization header says who is asking', async () => {
    const cookie = await logInBrowser(product, await newReader())

    const answer = await send(product, ROLE, {}, { cookie, authorization: `Bearer ${'x'.repeat(43)}` })

    expect(answer.body.data.viewer.role).toBe('ANONYMOUS')
  })
})

describe('other sites', () => {
  let cookie: string
  beforeAll(async () => {
    cookie = await logInBrowser(product, await newReader())
  })

  const foreign: AnyData[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': '1' },
  ]

  test.each(foreign)('a request with the cookie and %j is refused unread', async headers => {
    const answer = await send(product, 'mutation { logout { accepted } }', {}, { cookie, ...headers })

    expect(answer.status).toBe(403)
    expect(answer.body.errors[0].extensions.code).toBe('FORBIDDEN')
    expect(await roleWithCookie(product, cookie)).toBe('READER')
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'with the cookie the content type %j is refused, whatever else the request brings',
    async contentType => {
      const body = new TextEncoder().encode(JSON.stringify({ query: 'mutation { logout { accepted } }' }))

      const headers = {
        cookie,
        origin: product.url,
        'apollo-require-preflight': '1',
        'content-type': contentType,
      }
      const response = await fetch(`${product.url}/graphql`, { method: 'POST', headers, body })

      expect(response.status).toBe(403)
      expect(await roleWithCookie(product, cookie)).toBe('READER')
    },
  )

  test.each(foreign)('nobody is logged in by a request with %j', async headers => {
    const email = await newReader()
    const { code, token } = await askToLogIn(product, email)

    await expectNoChange(product, async () => {
      const byApi = await send(product, LOGIN_COMPLETE, input(email, code), headers)
      expect(byApi.body.errors[0].extensions.code).toBe('FORBIDDEN')
      const byForm = await fetch(`${product.url}/l/${token}`, { method: 'POST', headers })
      expect(byForm.status).toBe(404)
      expect([...byApi.cookies, ...byForm.headers.getSetCookie()]).toEqual([])
    })
  })

  test('our own page, which sends no referrer and so the origin "null", logs in', async () => {
    const { token } = await askToLogIn(product, await newReader())

    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }
    const response = await fetch(`${product.url}/l/${token}`, { method: 'POST', headers })

    expect(response.status).toBe(200)
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })
})

describe('the page behind the link', () => {
  test('opened ten times by GET, HEAD and OPTIONS it changes nothing and sets no cookie', async () => {
    const { token } = await askToLogIn(product, await newReader())

    await expectNoChange(product, async () => {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
        const ask = () => fetch(`${product.url}/l/${token}`, { method })
        for (const response of await Promise.all(Array.from({ length: 10 }, ask))) {
          expect(response.status).toBe(method === 'GET' || method === 'HEAD' ? 200 : 405)
          expect(response.headers.getSetCookie()).toEqual([])
        }
      }
    })
  })

  test('has one button, no script, the address masked, and headers that keep the token in', async () => {
    const email = await newReader()
    const { token } = await askToLogIn(product, email)

    const response = await fetch(`${product.url}/l/${token}`)
    const html = await response.text()

    expect(html).toContain(`<form method="post" action="/l/${token}"`)
    expect(html).not.toMatch(/<script|http-equiv|\son\w+=/i)
    expect(html).not.toContain(email)
    expect(html).toContain('r•••@example.org')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-robots-tag')).toBe('noindex')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('says so when the link was used, has run out or is none', async () => {
    const { token } = await askToLogIn(product, await newReader())
    await fetch(`${product.url}/l/${token}`, { method: 'POST' })
    const other = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`

    for (const method of ['GET', 'POST']) {
      const used = await fetch(`${product.url}/l/${token}`, { method })
      expect([used.status, await used.text()]).toEqual([
        410,
        expect.stringContaining('This link has run out'),
      ])
      const forged = await fetch(`${product.url}/l/${other}`, { method })
      expect([forged.status, await forged.text()]).toEqual([404, expect.stringContaining('does not work')])
      expect([...used.headers.getSetCookie(), ...forged.headers.getSetCookie()]).toEqual([])
    }
  })
})
