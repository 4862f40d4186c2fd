// What a page of somebody else can do with the cookies of a person who is logged in: nothing.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { makeReader, makeStaff, makeTopic } from '../support/actors'
import { logInBrowser } from '../support/logging-in'
import { type Product, startProduct } from '../support/product'
import { startBrowser } from './visitor'

let product: Product
let browser: Browser
/** What came to the other port of our host. */
const cookiesSeen: string[] = []
let stranger: Server
let context: BrowserContext

const LOGIN = `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { session { id } } }`

beforeAll(async () => {
  product = await startProduct()
  browser = await startBrowser()
  stranger = createServer((request, response) => {
    if (request.method === 'POST') cookiesSeen.push(request.headers.cookie ?? '')
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>')
  }).listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
  const { email } = await makeReader(product, ['topic:weekly'])
  context = await browser.newContext()
  await addCookie(await logInBrowser(product, email))
  const { email: staffEmail, password } = admin
  const variables = { input: { email: staffEmail, password, transport: 'COOKIE' } }
  const login = await fetch(`${product.url}/graphql/staff`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LOGIN, variables }),
  })
  await addCookie(login.headers.getSetCookie()[0] ?? '')
})
afterAll(async () => {
  await browser?.close()
  stranger?.close()
  await product?.stop()
})

async function addCookie(header: string): Promise<void> {
  const [name = '', value = ''] = (header.split(';')[0] ?? '').split('=')
  await context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Lax' }])
}

/** Who the two endpoints take the browser for, asked as our own page would. */
async function roles(): Promise<string[]> {
  const ask = async (path: string): Promise<string> => {
    const answer = await context.request.post(product.url + path, {
      headers: { origin: product.url },
      data: { query: '{ viewer { role } }' },
    })
    return (await answer.json()).data.viewer.role
  }
  return [await ask('/graphql'), await ask('/graphql/staff')]
}

const TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
]
const LOGOUT = 'mutation { logout { accepted } }'
const bodies: Record<string, string> = {
  'application/x-www-form-urlencoded': `query=${encodeURIComponent(LOGOUT)}`,
  'multipart/form-data; boundary=x': `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${LOGOUT}\r\n--x--\r\n`,
}

/** Sent by the page that is open; "unreadable" where the browser keeps the answer from it. */
const send = (page: Page, url: string, headers: Record<string, string>, body: string): Promise<string> =>
  page.evaluate(`fetch(${JSON.stringify(url)}, {
    method: 'POST', credentials: 'include', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(body)},
  }).then(response => 'answered ' + response.status, () => 'unreadable')`)

// Cookies know no ports: for them the second one is our own site.
describe.each([
  ['another site', 'localhost'],
  ['another port of our host', '127.0.0.1'],
])('a page of %s', (_where, host) => {
  let page: Page
  const visit = () => page.goto(`http://${host}:${(stranger.address() as AddressInfo).port}/`)

  beforeAll(async () => {
    page = await context.newPage()
    await visit()
  })
  afterAll(() => page?.close())

  test.each(
    ['/graphql', '/graphql/staff'].flatMap(path =>
      TYPES.flatMap(type => [true, false].map(hasHeader => [path, type, hasHeader] as const)),
    ),
  )(
    'sends %s a mutation as %s, own header %s: nothing is done and nothing told',
    async (path, type, hasHeader) => {
      const headers = { 'content-type': type, ...(hasHeader && { 'apollo-require-preflight': '1' }) }
      const body = bodies[type] ?? JSON.stringify({ query: LOGOUT })

      expect(await send(page, product.url + path, headers, body)).toBe('unreadable')
      expect(await roles()).toEqual(['READER', 'ADMIN'])
    },
  )

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'])(
    'sends a form as %s: it is refused',
    async enctype => {
      for (const path of ['/graphql', '/graphql/staff']) {
        const answered = page.waitForResponse(response => response.url() === product.url + path)
        await page.evaluate(`{
          const form = Object.assign(document.createElement('form'),
            { action: '${product.url}${path}', enctype: '${enctype}', method: 'post' })
          form.append(Object.assign(document.createElement('input'), { name: 'query', value: '${LOGOUT}' }))
          document.body.append(form)
          form.submit()
        }`)
        expect((await answered).status()).toBe(403)
        await page.waitForURL(product.url + path)
        await visit()
      }
      expect(await roles()).toEqual(['READER', 'ADMIN'])
    },
  )

  test('cannot show our pages in a frame', async () => {
    const url = `${product.url}/subscribe`
    const answered = page.waitForResponse(url)
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: '${url}' }))`,
    )
    await answered
    // At first a frame is an empty page of ours; what came then is nobody's to look into.
    await page.waitForFunction(`document.querySelector('iframe').contentDocument === null`)
    const frame = page.frames().find(one => one !== page.mainFrame())
    expect(await frame?.evaluate('document.forms.length')).toBe(0)
  })

  test('has our cookies sent along only where it is our own site to the browser', async () => {
    const { port } = stranger.address() as AddressInfo
    cookiesSeen.length = 0
    await send(page, `http://127.0.0.1:${port}/`, {}, '')
    expect(cookiesSeen.map(cookie => cookie.includes('weinterrupt'))).toEqual([host === '127.0.0.1'])
  })
})

test('a script or style that somebody smuggled into a page does not run', async () => {
  const page = await context.newPage()
  for (const path of ['/', '/subscribe', '/privacy', '/u/forged', '/c/forged']) {
    await page.goto(product.url + path)
    const ran = await page.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'window.smuggled = true'
      document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.smuggled = true">')
      document.body.append(script)
      const style = document.createElement('style')
      style.textContent = 'body { --smuggled: 1 }'
      document.head.append(style)
      return [window.smuggled === true, getComputedStyle(document.body).getPropertyValue('--smuggled')]
    })()`)
    expect(ran).toEqual([false, ''])
    expect(await page.evaluate('document.cookie')).toBe('')
  }
  await page.close()
})

test('our own page may do what those may not', async () => {
  for (const path of ['/graphql', '/graphql/staff'])
    await context.request.post(product.url + path, {
      headers: { origin: product.url },
      data: { query: LOGOUT },
    })
  expect(await roles()).toEqual(['ANONYMOUS', 'ANONYMOUS'])
})
