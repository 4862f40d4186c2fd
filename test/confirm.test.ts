import { makeToken } from '../src/secrets/token'
import { makeStaff, makeTopic, register, registerInput } from './support/actors'
import { ok } from './support/api'
import { confirmByApi, pending, post, refusal } from './support/confirming'
import { expectNoChange } from './support/dump'
import { type Product, startProduct } from './support/product'
import { eventsOf, readerOf, registrationsOf } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

describe('looking changes nothing', () => {
  test('every link of the mail fetched ten times by GET, HEAD and OPTIONS', async () => {
    const { mail } = await pending(product)
    const links = [...`${mail.text} ${mail.html}`.matchAll(/https?:\/\/[^\s"'<>)]+/g)].map(match => match[0])
    const own = [...new Set(links)].filter(link => link.startsWith(product.url))
    expect(own.some(link => link.includes('/c/'))).toBe(true)

    const requests = own.flatMap(link => ['GET', 'HEAD', 'OPTIONS'].map(method => ({ link, method })))
    await expectNoChange(product, async () => {
      for (const { link, method } of requests) {
        const ask = () => fetch(`${link}?confirm=true&scope=all`, { method, redirect: 'manual' })
        const answers = await Promise.all(Array.from({ length: 10 }, ask))
        const expected = method === 'OPTIONS' ? 405 : 200
        expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(expected))
      }
    })
  })

  test('the page has one button that POSTs to itself, no script, and shows the address masked', async () => {
    const { email, token } = await pending(product)

    const response = await fetch(`${product.url}/c/${token}`)
    const html = await response.text()

    expect(html).toContain(`<form method="post" action="/c/${token}"`)
    expect(html).not.toMatch(/<script|http-equiv|\son\w+=/i)
    expect(html).not.toContain(email)
    expect(html).toContain('r•••@example.org')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-robots-tag')).toBe('noindex')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is refused and changes nothing', async method => {
    const { token } = await pending(product)

    await expectNoChange(product, async () => {
      const response = await fetch(`${product.url}/c/${token}`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
    })
  })
})

describe('the POST', () => {
  test('confirms, and the used link says so and does nothing more', async () => {
    const { email, token } = await pending(product)

    const done = await post(product, `/c/${token}`)

    expect(done.status).toBe(200)
    expect(await done.text()).toContain('You will get Weekly')
    expect(await readerOf(product, email)).toMatchObject({ erasedAt: null, version: 1 })
    expect(await registrationsOf(product, email)).toMatchObject([{ emailSealed: null, nameSealed: null }])
    await expectNoChange(product, async () => {
      for (const response of [await post(product, `/c/${token}`), await fetch(`${product.url}/c/${token}`)]) {
        expect(response.status).toBe(200)
        expect(await response.text()).toContain('Already confirmed')
      }
      expect(await confirmByApi(product, token)).toEqual(refusal('TOKEN_INVALID'))
    })
  })

  test('ten at once confirm once', async () => {
    const { email, token } = await pending(product)

    const answers = await Promise.all(Array.from({ length: 10 }, () => post(product, `/c/${token}`)))

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect((await eventsOf(product, email)).map(event => event.toState)).toEqual([
      'ConsentRequested',
      'ConsentGiven',
      'ConsentRefused',
    ])
  })

  test('two links of one new address pressed at once make one reader with one unbroken chain', async () => {
    for (let round = 0; round < 5; round++) {
      const { email, token } = await pending(product)
      await register(product, await registerInput(product, ['personalisation'], { email }))
      const [, second] = await registrationsOf(product, email)
      const other = makeToken(product.connections.keyring, 'confirm', second?.reference ?? Buffer.alloc(0))

      const answers = await Promise.all([post(product, `/c/${token}`), post(product, `/c/${other}`)])

      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      const events = await eventsOf(product, email)
      expect(events.map(event => event.position)).toEqual(events.map((_event, index) => index + 1))
      expect(events.filter(event => event.toState === 'ConsentGiven')).toHaveLength(2)
    }
  })

  test('"This was not me" deletes the request, and the link is dead afterwards', async () => {
    const { email, token } = await pending(product)

    const denied = await post(product, `/c/${token}/deny`)

    expect(denied.status).toBe(200)
    expect(await registrationsOf(product, email)).toEqual([])
    await expectNoChange(product, async () => {
      expect((await post(product, `/c/${token}/deny`)).status).toBe(200)
      expect((await post(product, `/c/${token}`)).status).toBe(410)
      expect(await confirmByApi(product, token)).toEqual(refusal('TOKEN_EXPIRED'))
    })
  })

  test('denying what was confirmed takes nothing back', async () => {
    const { token } = await pending(product)
    await confirmByApi(product, token)

    await expectNoChange(product, async () => {
      expect(await (await post(product, `/c/${token}/deny`)).text()).toContain('Already confirmed')
      const query =
        'mutation ($token: String!) { registrationDeny(token: $token) { accepted userErrors { code } } }'
      const answer = await ok(product, query, { token })
      expect(answer.registrationDeny).toEqual({ accepted: false, userErrors: [{ code: 'TOKEN_INVALID' }] })
    })
  })
})
