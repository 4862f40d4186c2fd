import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
  tokenIn,
  uniqueAddress,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { post } from './support/confirming'
import { expectNoChange } from './support/dump'
import { readerWithLink, statesOf } from './support/leaving'
import { waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { suppressionsOf } from './support/rows'

let product: Product
let admin: Staff
let topic: AnyData
let newsletter: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'monthly', 'Monthly')
  newsletter = await makeNewsletter(product, admin, topic.id)
})
afterAll(() => product?.stop())

describe('the page', () => {
  test('looking at it changes nothing, whatever the query', async () => {
    const { token } = await readerWithLink(product, newsletter.id)

    await expectNoChange(product, async () => {
      for (const query of ['', '?scope=all', '?List-Unsubscribe=One-Click', '?confirm=1&_method=POST'])
        for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET', 'HEAD'])
          await (await fetch(`${product.url}/u/${token}${query}`, { method, redirect: 'manual' })).text()
    })
  })

  test('one button stops the topic, a second one everything; nothing to type, no script, the address masked', async () => {
    const { email, token } = await readerWithLink(product, newsletter.id)

    const html = await (await fetch(`${product.url}/u/${token}`)).text()

    expect(html.match(/<form method="post" action="[^"]+"/g)).toEqual(
      Array(2).fill(`<form method="post" action="/u/${token}"`),
    )
    expect(html.match(/<input[^>]*>/g)).toEqual(['<input type="hidden" name="scope" value="all"/>'])
    expect(html).toContain('r•••@example.org')
    expect(html).not.toContain(email)
    expect(html).not.toMatch(/<script|http-equiv|\son\w+=|https?:\/\//i)
  })

  test('both answers stay out of caches, search engines and referrers, and load nothing from elsewhere', async () => {
    const { token } = await readerWithLink(product, newsletter.id)

    for (const response of [await fetch(`${product.url}/u/${token}`), await post(product, `/u/${token}`)]) {
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('x-robots-tag')).toBe('noindex')
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none';style-src 'self';img-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
      )
      expect(response.headers.getSetCookie()).toEqual([])
      expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//)
    }
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    '%s: 405, and what is allowed',
    async method => {
      const { token } = await readerWithLink(product, newsletter.id)

      await expectNoChange(product, async () => {
        const response = await fetch(`${product.url}/u/${token}`, { method })
        expect(response.status).toBe(405)
        expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
      })
    },
  )

  test('speaks the language of the reader', async () => {
    const { token } = await readerWithLink(product, newsletter.id, { locale: 'de' })

    const html = await (await fetch(`${product.url}/u/${token}`)).text()

    expect(html).toContain('<html lang="de"')
    expect(html).toContain('Weekly (de)')
  })
})

describe('over GraphQL', () => {
  const UNSUBSCRIBE = `mutation ($input: UnsubscribeInput!) { unsubscribe(input: $input) {
    reader { status } alreadyPassed userErrors { code field } } }`
  const unsubscribe = async (input: AnyData): Promise<AnyData> =>
    (await ok(product, UNSUBSCRIBE, { input })).unsubscribe

  test('stops one topic, another topic by its slug, or everything', async () => {
    const { email, token } = await readerWithLink(product, newsletter.id)
    const before = await statesOf(product, email)
    const done = { reader: { status: 'ACTIVE' }, alreadyPassed: [], userErrors: [] }

    expect(await unsubscribe({ scope: 'TOPIC', topicSlug: 'monthly', token })).toEqual(done)
    expect(await unsubscribe({ scope: 'TOPIC', topicSlug: 'monthly', token })).toEqual(done)
    expect(await unsubscribe({ scope: 'ALL', token })).toEqual({ ...done, reader: { status: 'SUPPRESSED' } })

    expect((await statesOf(product, email)).slice(before.length)).toEqual([
      'ConsentWithdrawn',
      'ConsentWithdrawn',
    ])
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
  })

  test('refuses a forged token, no token and an unknown topic', async () => {
    const { token } = await readerWithLink(product, newsletter.id)
    const refused = (code: string, field: string) => ({
      reader: null,
      alreadyPassed: [],
      userErrors: [{ code, field: ['input', field] }],
    })

    await expectNoChange(product, async () => {
      expect(await unsubscribe({ scope: 'ALL', token: token.slice(1) })).toEqual(
        refused('TOKEN_INVALID', 'token'),
      )
      expect(await unsubscribe({ scope: 'ALL' })).toEqual(refused('TOKEN_INVALID', 'token'))
      expect(await unsubscribe({ scope: 'TOPIC', topicSlug: 'none', token })).toEqual(
        refused('NOT_FOUND', 'topicSlug'),
      )
    })
  })

  test('names the delivery that had passed its gate; the page says that it may still arrive', async () => {
    const emails = [`silent-after-dot.${uniqueAddress()}`, `silent-after-dot.${uniqueAddress()}`] as const
    for (const email of emails) await makeReader(product, ['topic:weekly'], { email })
    const issue = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, issue.id)
    const [first, second] = await Promise.all(emails.map(email => waitForMail(product, email, 2)))
    if (!first || !second) throw new Error('No mail')

    const byApi = await unsubscribe({ scope: 'TOPIC', token: tokenIn(first, 'u') })
    const page = await (await post(product, `/u/${tokenIn(second, 'u')}`)).text()

    expect(byApi).toEqual({
      reader: { status: 'ACTIVE' },
      alreadyPassed: [expect.stringMatching(/^[\w-]{16,60}$/)],
      userErrors: [],
    })
    expect(page).toContain('One already on its way may still arrive.')
    product.sink.hangUp()
  })
})
