import { connect, type Socket } from 'node:net'
import mysql from 'mysql2/promise'
import { makeNewsletter, makeStaff, makeTopic } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { post } from './support/confirming'
import { readerWithLink, statesOf } from './support/leaving'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product
let newsletter: AnyData

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly')
  newsletter = await makeNewsletter(product, admin, topic.id)
})
afterAll(() => product?.stop())

async function withApi(env: NodeJS.ProcessEnv, work: (api: MoreApi) => Promise<void>): Promise<void> {
  const api = await startMoreApi(product, env)
  try {
    await work(api)
  } finally {
    await api.stop()
  }
}

/** Whatever needs this table waits while `work` runs. */
async function locking(table: string, work: () => Promise<void>): Promise<void> {
  const owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  await owner.query(`LOCK TABLES ${table} WRITE`)
  try {
    await work()
  } finally {
    await owner.end()
  }
}

const resend = (api: MoreApi) =>
  graphql(api, 'mutation { confirmationResend(input: { email: "somebody@example.org" }) { accepted } }')

test('who has no answer in time is told 503 and Retry-After, by endpoints and pages', async () => {
  await withApi({ REQUEST_SECONDS: '1' }, async api => {
    await locking('purpose_version', async () => {
      const started = Date.now()
      const asJson = graphql(api, '{ site { purposes { title } } }')
      const asPage = fetch(`${api.url}/subscribe`)

      expect(await asJson).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
      const page = await asPage
      expect(page.status).toBe(503)
      expect(page.headers.get('retry-after')).toBe('30')
      expect(await page.text()).toContain('<!doctype html>')
      expect(Date.now() - started).toBeLessThan(5000)
    })
    expect((await graphql(api, '{ site { purposes { title } } }')).errors).toBeUndefined()
  })
})

test('with every place taken others get 503 at once, and whoever wants to leave does', async () => {
  const { email, token } = await readerWithLink(product, newsletter.id)
  await withApi({ MAX_REQUESTS: '60' }, async api => {
    await locking('notice', async () => {
      // More than the database connections everybody shares, and more than may be under way.
      const stuck = Array.from({ length: 80 }, () => resend(api))
      const refused = await Promise.race(stuck)
      expect(refused).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] })

      const started = Date.now()
      expect((await fetch(`${api.url}/u/${token}`)).status).toBe(200)
      expect((await post(api, `/u/${token}`)).status).toBe(200)
      expect(Date.now() - started).toBeLessThan(1000)
      expect((await statesOf(product, email)).at(-1)).toBe('ConsentWithdrawn')
      void Promise.allSettled(stuck)
    })
  })
})

describe('connections', () => {
  test('that are idle stay longer than the two minutes that proxies keep theirs', async () => {
    const { headers } = await fetch(`${product.url}/healthz`)
    expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(120)
  })

  /** A connection that is answered on, or undefined when the server closes it unread. */
  const held = (api: MoreApi, localAddress: string): Promise<Socket | undefined> =>
    new Promise(resolve => {
      const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', localAddress })
      socket.on('error', () => {})
      socket.on('close', () => resolve(undefined))
      socket.on('data', () => resolve(socket))
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    })

  test('of one address are limited, those of others go on', async () => {
    await withApi({ MAX_CONNECTIONS_PER_ADDRESS: '5', TRUSTED_PROXIES: 'none' }, async api => {
      const many = await Promise.all(Array.from({ length: 8 }, () => held(api, '127.0.0.5')))
      const kept = many.filter(socket => socket !== undefined)
      expect(kept).toHaveLength(5)
      expect(await held(api, '127.0.0.6')).toBeDefined()

      kept[0]?.destroy()
      await new Promise(resolve => setTimeout(resolve, 100))
      expect(await held(api, '127.0.0.5')).toBeDefined()
    })
  })

  test('of all together are limited', async () => {
    await withApi({ MAX_CONNECTIONS: '4' }, async api => {
      const many = []
      for (let n = 0; n < 7; n++) many.push(await held(api, `127.0.0.${n + 10}`))
      expect(many.filter(socket => socket !== undefined)).toHaveLength(4)
    })
  })
})
