import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { makeNewsletter, makeStaff, makeTopic } from './support/actors'
import { graphql } from './support/api'
import { until } from './support/checker'
import { readerWithLink, withdrawn } from './support/leaving'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'
import { rawRequest } from './support/raw-http'

const SLOW = 500

let product: Product
let api: MoreApi
let newsletterId: string

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  await makeTopic(product, admin, 'monthly')
  newsletterId = (await makeNewsletter(product, admin, topic.id)).id
  // As if they came from many addresses.
  const env = { MAX_CONNECTIONS_PER_ADDRESS: '1000' }
  api = await startMoreApi(product, env, { headersTimeout: 4000, requestTimeout: 4000 })
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

interface Client {
  socket: Socket
  heard: string
  isOver: boolean
}

/** Says this and no more, or one more byte now and then. */
async function open(text: string, trickleMs = 0): Promise<Client> {
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  const client: Client = { socket, heard: '', isOver: false }
  socket.on('data', chunk => {
    client.heard += chunk
  })
  socket.on('error', () => {})
  let trickle: NodeJS.Timeout | undefined
  socket.on('close', () => {
    clearInterval(trickle)
    client.isOver = true
  })
  await once(socket, 'connect')
  socket.write(text)
  // Only now: on a busy machine a byte sent before the connection stands would come before the request (and get 400).
  if (trickleMs) trickle = setInterval(() => socket.write('x'), trickleMs)
  return client
}

const post = (path: string, type: string) =>
  `POST ${path} HTTP/1.1\r\nHost: site\r\nContent-Type: ${type}\r\nContent-Length: 5000\r\n\r\n{"a`

test('hundreds of connections that take their time are ended with 408, and hold up nobody', async () => {
  const { email, token } = await readerWithLink(product, newsletterId)
  const slow: [text: string, trickleMs: number][] = [
    ['', 0],
    ['GET / HTTP/1.1\r\nHost: site\r\nX-Long: a', 300],
    [post('/graphql', 'application/json'), 300],
    [post('/subscribe', 'application/x-www-form-urlencoded'), 300],
    [post(`/u/${token}`, 'application/x-www-form-urlencoded'), 0],
  ]
  const clients = await Promise.all(
    Array.from({ length: SLOW }, (_, n) => open(...(slow[n % slow.length] as [string, number]))),
  )
  const [health, ready, query, leaving] = await Promise.all([
    fetch(`${api.url}/healthz`),
    fetch(`${api.url}/readyz`),
    graphql(api, '{ site { purposes { key } } }'),
    fetch(`${api.url}/u/${token}`, { method: 'POST', body: 'List-Unsubscribe=One-Click' }),
  ])
  expect([health.status, ready.status, query.status, leaving.status]).toEqual([200, 200, 200, 200])
  expect(await withdrawn(product, email)).toHaveLength(1)
  // All of that came while every one of them was still open.
  expect(clients.filter(({ isOver }) => isOver)).toHaveLength(0)

  await until(() => clients.every(({ isOver }) => isOver), 'all are ended', 10)
  expect(new Set(clients.map(({ heard }) => heard.split('\r\n')[0]))).toEqual(
    new Set(['HTTP/1.1 408 Request Timeout']),
  )
  expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
})

test('headers above 16 kB are answered with 431', async () => {
  const header = `X-Large: ${'a'.repeat(17_000)}`
  expect((await rawRequest(api.url, 'GET /healthz HTTP/1.1', [header])).status).toBe(431)
  const many = Array.from({ length: 1000 }, (_, n) => `X-${n}: ${'a'.repeat(20)}`)
  expect((await rawRequest(api.url, 'GET /healthz HTTP/1.1', many)).status).toBe(431)
})

const doors = [
  '/graphql',
  '/graphql/staff',
  '/graphql/stream',
  '/graphql/staff/stream',
  '/subscribe',
  '/u/none',
]

test.each(doors)(
  'a body that is announced as huge is answered with 413 before it is there: %s',
  async path => {
    const headers = [`Content-Type: ${typeOf(path)}`, 'Content-Length: 1000000000']
    const answer = await rawRequest(api.url, `POST ${path} HTTP/1.1`, headers, 'a=')
    expect(answer.status).toBe(413)
  },
)

test('a body that does not end is given up at every door', async () => {
  const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
  const endless = (path: string) => {
    const headers = [`Content-Type: ${typeOf(path)}`, 'Transfer-Encoding: chunked']
    return rawRequest(api.url, `POST ${path} HTTP/1.1`, headers, chunk.repeat(80))
  }
  for (const { status } of await Promise.all(doors.map(endless))) expect([408, 413]).toContain(status)
})

const typeOf = (path: string): string =>
  path.startsWith('/graphql') ? 'application/json' : 'application/x-www-form-urlencoded'
