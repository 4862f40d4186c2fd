import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Socket } from 'node:net'
import { makeNewsletter, makeStaff, makeTopic, REGISTER, register, registerInput } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { post } from './support/confirming'
import { readerWithLink, statesOf } from './support/leaving'
import { mailsTo, waitForMail } from './support/mail'
import { startMoreApi } from './support/more-api'
import { createPrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { registrationsOf } from './support/rows'

let product: Product
let newsletter: AnyData

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'monthly', 'Monthly')
  newsletter = await makeNewsletter(product, admin, topic.id)
})
afterAll(() => product?.stop())

describe('when a part is down', () => {
  test('Redis: unsubscribing works at once; signing up, which causes a mail, is closed', async () => {
    const { email, token } = await readerWithLink(product, newsletter.id)
    const api = await startMoreApi(product, { REDIS_URL: 'redis://127.0.0.1:1' })
    try {
      const started = Date.now()
      expect((await post(api, `/u/${token}`)).status).toBe(200)
      expect(Date.now() - started).toBeLessThan(1000)
      expect((await statesOf(product, email)).at(-1)).toBe('ConsentWithdrawn')

      const input = await registerInput(product, ['topic:weekly'])
      const { status, errors } = await graphql(api, REGISTER, { input })
      expect([status, errors?.[0]?.extensions.code]).toEqual([503, 'UNAVAILABLE'])
      expect(await registrationsOf(product, input.email)).toEqual([])
    } finally {
      await api.stop()
    }
  })

  test('Redis loses the wake-up call of a sign-up: its mail comes by the sweep', async () => {
    const deaf = await createPrivateRedis()
    await deaf.start()
    const api = await startMoreApi(product, { REDIS_URL: deaf.url })
    try {
      const input = await registerInput(product, ['topic:weekly'])
      expect(await register({ ...product, url: api.url }, input)).toMatchObject({ accepted: true })
      await waitForMail(product, input.email)
      expect(mailsTo(product, input.email)).toHaveLength(1)
    } finally {
      await api.stop()
      await deaf.stop()
    }
  })

  test('MariaDB: 503 with a button to try again, never a success that did not happen', async () => {
    const { email, token } = await readerWithLink(product, newsletter.id)
    const cable = await layCable(String(product.env.DATABASE_URL))
    const api = await startMoreApi(product, { DATABASE_URL: cable.url })
    const before = await statesOf(product, email)
    try {
      cable.cut()
      const failed = await fetch(`${api.url}/u/${token}`, {
        method: 'POST',
        body: new URLSearchParams({ scope: 'all' }),
      })

      expect(failed.status).toBe(503)
      expect(failed.headers.get('retry-after')).toBe('30')
      const html = await failed.text()
      expect(html).toContain('That did not work yet')
      expect(html).toContain(`action="/u/${token}"`)
      expect(html).toContain('name="scope" value="all"')
      expect((await post(api, '/u/forged')).status).toBe(503)
      expect(await statesOf(product, email)).toEqual(before)

      cable.mend()
      expect((await post(api, `/u/${token}`)).status).toBe(200)
      expect((await statesOf(product, email)).at(-1)).toBe('ConsentWithdrawn')
    } finally {
      await api.stop()
      cable.cut()
      cable.close()
    }
  })
})

/** A TCP line to the database that can be cut and mended. */
async function layCable(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const ends = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    if (isCut) return void near.destroy()
    const far = dial(Number(target.port), target.hostname)
    for (const end of [near, far]) ends.add(end.on('error', () => {}))
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.toString(),
    cut() {
      isCut = true
      for (const end of ends) end.destroy()
      ends.clear()
    },
    mend() {
      isCut = false
    },
    close: () => server.close(),
  }
}
