import type { Express } from 'express'
import { routesOf } from '../src/api/access'
import { createServer } from '../src/api/server'
import { createLog } from '../src/log'
import { makeStaff } from './support/actors'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

const SITE = 'https://newsletters.example.org'
const FRIEND = 'https://www.example.org'
let product: Product
let api: MoreApi
let paths: string[]
let token: string

beforeAll(async () => {
  product = await startProduct({ worker: false })
  token = (await makeStaff(product, 'ADMIN')).token
  api = await startMoreApi(product, { PUBLIC_URL: SITE, ALLOWED_ORIGINS: `${FRIEND}, http://localhost:3000` })
  const log = createLog('silent', 'test')
  const { http } = await createServer({ ...product.connections, config: product.config, log })
  paths = routesOf(http.listeners('request')[0] as Express)
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

/** What every answer carries, whatever its path, method or status. */
const EVERYWHERE = {
  'content-security-policy':
    "default-src 'none';style-src 'self';img-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'SAMEORIGIN',
  'x-powered-by': null,
  'set-cookie': null,
  'access-control-allow-origin': null,
}

/** The only paths that may be kept by anybody; a path with a token never. */
const CACHEABLE: Record<string, string> = {
  '/privacy': 'public, max-age=300',
  '/privacy/retention': 'public, max-age=300',
  '/statistics': 'public, max-age=3600',
  '/promises': 'public, max-age=60',
  '/processors': 'public, max-age=300',
  '/links': 'public, max-age=300',
  '/.well-known/gpc.json': 'public, max-age=86400',
  '/assets/pages.css': 'public, max-age=3600',
  '/schema.graphql': 'public, max-age=300',
  '/.well-known/weinterrupt-ledger.json': 'public, max-age=3600',
}

async function headersOf(method: string, path: string): Promise<Headers> {
  const url = api.url + path.replace(':token', 'x'.repeat(53)).replace(':version', '1')
  const response = await fetch(url, { method, redirect: 'manual', ...(method === 'POST' && { body: '{}' }) })
  await response.text()
  return response.headers
}

test('every route answers every method with the same protections', async () => {
  expect(paths.length).toBeGreaterThan(10)
  for (const path of [...paths, '/nowhere', '/u', '/graphql/'])
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']) {
      const headers = await headersOf(method, path)
      const found = Object.fromEntries(Object.keys(EVERYWHERE).map(name => [name, headers.get(name)]))
      expect({ method, path, ...found }).toEqual({ method, path, ...EVERYWHERE })
    }
})

test('only what is the same for everybody may be kept; pages with a token stay out of search engines', async () => {
  for (const path of paths)
    for (const method of ['GET', 'POST']) {
      const kept = method === 'GET' ? CACHEABLE[path.replace('/:version', '')] : undefined
      const headers = await headersOf(method, path)
      expect({ method, path, caching: headers.get('cache-control') }).toEqual({
        method,
        path,
        caching: kept ?? 'no-store',
      })
      const isPage = headers.get('content-type')?.startsWith('text/html')
      if (path.includes(':token') && isPage && headers.get('allow') === null)
        expect(headers.get('x-robots-tag')).toBe('noindex')
    }
})

test('without https there is no word of it', async () => {
  const response = await fetch(`${product.url}/subscribe`)

  expect(response.headers.get('strict-transport-security')).toBeNull()
})

describe.each(['/graphql', '/graphql/staff', '/graphql/stream', '/graphql/staff/stream'])(
  '%s, from a page in a browser',
  path => {
    const ask = (origin: string | undefined, init: RequestInit = {}, url = api.url) =>
      fetch(url + path, {
        method: 'POST',
        body: JSON.stringify({ query: '{ site { name } }' }),
        ...init,
        headers: {
          'content-type': 'application/json',
          accept: path.endsWith('stream') ? 'text/event-stream' : 'application/json',
          ...(origin && { origin }),
          ...init.headers,
        },
      })
    const right = path.endsWith('stream') ? 400 : 200

    test.each([undefined, SITE, FRIEND, 'http://localhost:3000'])('%s is let in', async origin => {
      const response = await ask(origin)

      expect(response.status).toBe(right)
      expect(response.headers.get('access-control-allow-origin')).toBe(origin ?? null)
    })

    test.each([
      'null',
      'https://evil.example',
      'http://newsletters.example.org',
      `${SITE}.evil.example`,
      `${SITE}:8443`,
      'https://example.org',
      'http://127.0.0.1:4000',
      'x',
    ])('%s is refused, with or without a log-in', async origin => {
      const logins: Record<string, string>[] = [
        {},
        { authorization: `Bearer ${token}` },
        { cookie: '__Host-session=x' },
      ]
      for (const headers of logins) {
        const response = await ask(origin, { headers })
        expect(response.status).toBe(403)
        expect(response.headers.get('access-control-allow-origin')).toBeNull()
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
      }
    })

    test('the question beforehand is answered for allowed pages only', async () => {
      const asked = {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      }
      const preflight = (origin: string) =>
        fetch(api.url + path, { method: 'OPTIONS', headers: { origin, ...asked } })

      const answer = await preflight(FRIEND)
      expect(answer.status).toBe(204)
      expect(answer.headers.get('access-control-allow-origin')).toBe(FRIEND)
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
      expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
      expect(answer.headers.get('access-control-allow-headers')).toBe('content-type')
      expect(answer.headers.get('vary')).toContain('Origin')
      expect((await preflight('https://evil.example')).status).toBe(403)
    })

    test('a site on this machine goes by each of its names', async () => {
      const { port } = product.config
      for (const name of ['127.0.0.1', 'localhost', '[::1]'])
        expect((await ask(`http://${name}:${port}`, {}, product.url)).status).toBe(right)
      expect((await ask('http://localhost:1', {}, product.url)).status).toBe(403)
      expect((await ask('http://localhost.evil.example', {}, product.url)).status).toBe(403)
    })
  },
)

test('a form of another site cannot withdraw less than a link: unsubscribing asks for no origin', async () => {
  const headers = { origin: 'https://mail.example' }
  const response = await fetch(`${api.url}/u/test`, {
    method: 'POST',
    headers,
    body: 'List-Unsubscribe=One-Click',
  })

  expect(response.status).toBe(200)
})
