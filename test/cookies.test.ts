import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Response } from 'express'
import fc from 'fast-check'
import { DateTime, Duration } from 'luxon'
import { hasOptedOut } from '../src/api/browser-signal'
import { doors } from '../src/api/doors'
import { onlyRegisteredCookies } from '../src/api/registered-cookies'
import { cookies } from '../src/privacy/cookies'
import { readChoice, writeChoice } from '../src/privacy/visitor-choice'
import { makeReader, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, ok } from './support/api'
import { dumpDatabase, expectNoChange } from './support/dump'
import { fieldsOf, ticked } from './support/form'
import { logInBrowser } from './support/logging-in'
import { type Product, startProduct } from './support/product'
import { makeCookiePurpose, visit } from './support/visiting'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
})
afterAll(() => product?.stop())

const OWN = { 'sec-fetch-site': 'same-origin' }
const nameOf = (cookie: string): string => cookie.split('=')[0] ?? ''
const contentOf = (cookie: string): string => cookie.split(';')[0]?.replace(/^[^=]*=/, '') ?? ''

describe('before there is anything to ask', () => {
  test('no page sets a cookie for a first-time visitor, and none is cached with somebody’s choice', async () => {
    const paths = doors
      .filter(({ GET }) => GET)
      .map(({ path }) => path.replace(/:\w+/, 'forged').replace('/privacy/forged', '/privacy/1'))
    expect(paths.length).toBeGreaterThan(20)
    for (const path of paths) expect([path, ...(await visit(product, path)).cookies]).toEqual([path])
  })

  test('no public query sets a cookie', async () => {
    const response = await fetch(`${product.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ site { name purposes { key } } viewer { role visitorConsent { askAgain } } }',
      }),
    })
    expect(await response.json()).toMatchObject({
      data: { viewer: { role: 'ANONYMOUS', visitorConsent: { askAgain: false } } },
    })
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test('there is no banner, nothing to accept, and a yes sets nothing', async () => {
    expect(await visit(product, '/cookies/banner')).toMatchObject({ status: 204, html: '' })
    expect((await visit(product, '/cookies')).html).not.toContain('<form')
    const answer = await visit(product, '/cookies', { form: { act: 'accept', 'shown:x': '1' }, headers: OWN })
    expect([answer.status, answer.headers.get('location'), answer.cookies]).toEqual([303, '/cookies', []])
  })
})

describe('the registry', () => {
  test.each(['en', 'de'])('is published in full: %s', async locale => {
    const { html } = await visit(product, `/cookies?lang=${locale}`)
    for (const { name } of Object.values(cookies)) expect(html).toContain(`<code>${name}</code>`)
    expect(html.match(/<section class="kept">/g)).toHaveLength(Object.keys(cookies).length)
  })

  test('says how long each cookie really lives', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'first')
    const staffLogin = await fetch(`${product.url}/graphql/staff`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: product.url, ...OWN },
      body: JSON.stringify({
        query: `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { userErrors { code } } }`,
        variables: { input: { email: admin.email, password: admin.password, transport: 'COOKIE' } },
      }),
    })
    const young = { birthMonth: '1', birthYear: String(new Date().getUTCFullYear() - 5) }
    const set = [
      ...(await visit(product, '/subscribe', { form: young })).cookies,
      ...(await visit(product, '/cookies', { form: { act: 'refuse' } })).cookies,
      ...staffLogin.headers.getSetCookie(),
    ]
    // Its life is in a test of its own (reader-cookie.test.ts); here only that it is this one.
    expect(await logInBrowser(product, email)).toMatch(new RegExp(`^${cookies.reader.name}=`))
    expect(cookies.reader.life).toBe('P14D')

    expect(set.map(nameOf)).toEqual([cookies.age.name, cookies.choice.name, cookies.staff.name])
    for (const cookie of set) {
      const registered = Object.values(cookies).find(({ name }) => name === nameOf(cookie))
      const life = /Max-Age=(\d+)/.exec(cookie)?.[1]
      if (!registered?.life) expect(life).toBeUndefined()
      else {
        const midnight = DateTime.utc().startOf('day')
        const from = registered.name === cookies.choice.name ? midnight : DateTime.utc()
        const ends = from.plus(Duration.fromISO(registered.life)).toSeconds()
        expect(Math.abs(DateTime.utc().toSeconds() + Number(life) - ends)).toBeLessThan(30)
      }
    }
  })

  const ways: Record<string, (response: Response) => void> = {
    'response.cookie': response => void response.cookie('tracker', '1').end('x'),
    'response.append': response => void response.append('Set-Cookie', 'tracker=1').end('x'),
    setHeader: response => void response.setHeader('set-cookie', ['ag=1', 'tracker=1']).end('x'),
    writeHead: response => void response.writeHead(200, { 'Set-Cookie': 'tracker=1' }).end('x'),
    'writeHead with a list': response =>
      void response.writeHead(200, 'OK', ['Set-Cookie', 'tracker=1'] as unknown as []).end('x'),
  }

  test.each(Object.keys(ways))('lets no other cookie out, by %s', async way => {
    const app = express().use(onlyRegisteredCookies(new URL('http://127.0.0.1')))
    app.get('/', (_request, response) => ways[way]?.(response))
    app.get('/known', (_request, response) => void response.cookie('ag', '1').end('x'))
    const failures: string[] = []
    app.use(((error: Error, _request: unknown, response: Response, _next: unknown) => {
      failures.push(error.message)
      response.status(500).end()
    }) as express.ErrorRequestHandler)
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

    const response = await fetch(url)
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, []])
    expect(failures).toEqual(['The cookie tracker is not in the registry of cookies'])
    expect((await fetch(`${url}/known`)).headers.getSetCookie()).toEqual(['ag=1; Path=/'])
    server.close()
  })
})

describe('a choice', () => {
  let form: string
  beforeAll(async () => {
    await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'visits')
    await makeCookiePurpose(product, admin, 'ADVERTISING_COOKIES', 'ads', undefined, '<b>Ads</b>')
    form = (await visit(product, '/cookies')).html
  })

  const send = (fields: Record<string, string>, headers: Record<string, string> = OWN) =>
    visit(product, '/cookies', { form: fields, headers })
  const accept = (fields = {}, headers?: Record<string, string>) =>
    send({ ...fieldsOf(form), act: 'accept', ...fields }, headers)
  const statusOf = async (cookie: string, headers = {}): Promise<Record<string, string>> => {
    const { html } = await visit(product, '/cookies', {
      headers: { cookie: cookie.split(';')[0] ?? '', ...headers },
    })
    const boxes = [...html.matchAll(/name="purpose:([a-z]+)"[^>]*?( checked)?(?: aria[^>]*)?\/?>/g)]
    return Object.fromEntries(boxes.map(([, key, is]) => [key, is ? 'yes' : 'no']))
  }

  test('is asked with nothing ticked, refusing as easy as accepting, and changes nothing in the database', async () => {
    expect(form.match(/ checked/g)).toBeNull()
    const buttons = [...form.matchAll(/<button type="submit" name="act" value="(\w+)">/g)].map(
      ([, act]) => act,
    )
    expect(buttons).toEqual(['refuse', 'accept'])
    await expectNoChange(product, async () => {
      await accept()
      await send({ act: 'refuse' })
    })
  })

  test('is kept for six months in a cookie that is the same for all who chose alike', async () => {
    const [one, two] = [await accept(), await accept()]
    expect(one.status).toBe(303)
    expect(one.cookies.map(contentOf)).toEqual(two.cookies.map(contentOf))
    expect(contentOf(one.cookies[0] ?? '')).toBe(
      `${new Date().toISOString().slice(0, 10)}/first.1.y/visits.1.y/ads.1.y`,
    )
    expect(one.cookies[0]).toMatch(/; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/)
    expect(await statusOf(one.cookies[0] ?? '')).toEqual({ first: 'yes', visits: 'yes', ads: 'yes' })
  })

  test('can be made one by one, and taken back from the link at the foot of every page', async () => {
    const { cookies: some } = await send({ ...ticked(form, 'purpose:visits'), act: 'save' })
    expect(await statusOf(some[0] ?? '')).toEqual({ first: 'no', visits: 'yes', ads: 'no' })
    const { cookies: none } = await send({ act: 'refuse' }, { cookie: some[0] ?? '' })
    expect(await statusOf(none[0] ?? '')).toEqual({ first: 'no', visits: 'no', ads: 'no' })
    for (const path of ['/subscribe', '/p', '/u/forged', '/privacy', '/nothing'])
      expect((await visit(product, path)).html).toContain('<a href="/cookies">')
  })

  test('of another site’s page is taken only if it is a no', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const yes = await accept({}, headers)
      expect([yes.status, yes.cookies]).toEqual([403, []])
      expect((await send({ act: 'refuse' }, headers)).cookies).toHaveLength(1)
    }
    // The banner on another host of the same site.
    const same = { 'sec-fetch-site': 'same-site', origin: 'https://www.site.example' }
    expect((await accept({}, same)).cookies).toHaveLength(1)
  })

  test('about words that have changed meanwhile is refused, and one made before is asked again', async () => {
    const { cookies: before } = await accept()
    const purpose = await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'changing')
    const shown = (await visit(product, '/cookies')).html
    await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'changing', purpose.id, 'Other words')

    const stale = await send({ ...fieldsOf(shown), act: 'accept' })
    expect([stale.status, stale.cookies]).toEqual([409, []])
    expect((await visit(product, '/cookies/banner', { headers: { cookie: before[0] ?? '' } })).status).toBe(
      200,
    )
    expect(await statusOf(before[0] ?? '')).toMatchObject({ visits: 'yes', changing: 'no' })
  })

  test.each<[string, Record<string, string>]>([
    ['no button', {}],
    ['an unknown button', { act: 'toggle' }],
    ['a name of an object’s own', { act: '__proto__' }],
  ])('with %s is refused in words and sets nothing', async (_, fields) => {
    const answer = await send(fields)
    expect([answer.status, answer.cookies]).toEqual([422, []])
    expect(answer.html).toContain('role="alert"')
  })

  test('that the form did not show is no', async () => {
    const { cookies: set } = await send({ act: 'accept', 'shown:visits': '1', 'shown:unknown': '1' })
    expect(await statusOf(set[0] ?? '')).toMatchObject({ first: 'no', visits: 'yes', ads: 'no' })
  })

  test('leads back to a path of this site and nowhere else', async () => {
    const back = async (path: string) => (await accept({ back: path })).headers.get('location')
    expect(await back('/privacy?lang=de#x')).toBe('/privacy?lang=de#x')
    for (const path of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/\t/evil.example',
      '',
      '/a\r\nX: y',
    ])
      expect([path, await back(path)]).toEqual([path, '/cookies'])
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' }), fc.webPath()), async path => {
        const to = new URL((await back(path)) ?? '', product.url)
        expect(to.origin).toBe(product.url)
      }),
      { numRuns: 25 },
    )
  })

  test('that is kept is read back as it was, and anything else is none', () => {
    const now = new Date('2026-11-30T12:00:00Z')
    const kept = { day: '2026-11-30', decisions: [{ key: 'a:b-c', version: 7, granted: true }] }
    expect(readChoice(writeChoice(kept), now)).toEqual(kept)
    const older = (day: string) => readChoice(`${day}/a.1.y`, now) !== undefined
    expect(['2026-06-01', '2026-05-30', '2026-12-01', '2026-02-31'].map(older)).toEqual([
      true,
      false,
      false,
      false,
    ])
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), text => {
        expect(readChoice(text, now)).toBeUndefined()
        expect(
          readChoice(`2026-11-30/${text}`, now)?.decisions.every(one => /^[a-z0-9:-]+$/.test(one.key)) ??
            true,
        ).toBe(true)
      }),
    )
  })

  describe('against the browser’s signal', () => {
    test('counts for nothing: every purpose is no, nothing is asked, and the page says why', async () => {
      const { cookies: yes } = await accept()
      const headers = { cookie: yes[0]?.split(';')[0] ?? '', 'sec-gpc': '1' }
      const page = await visit(product, '/cookies', { headers })
      expect(page.html).toContain('Global Privacy Control')
      expect(page.html).not.toContain('<form')
      expect(page.headers.get('vary')).toContain('Sec-GPC')
      expect((await visit(product, '/cookies/banner', { headers })).status).toBe(204)
      const answer = await accept({}, { ...OWN, 'sec-gpc': '1' })
      expect([answer.status, answer.cookies]).toEqual([303, []])
    })

    test.each<[string | string[] | undefined, boolean]>([
      ['1', true],
      ['0, 1', true],
      [' 1 ', true],
      ['0', false],
      ['true', false],
      ['11', false],
      ['', false],
      [undefined, false],
    ])('is there with %p: %p', (value, isThere) => {
      expect(hasOptedOut({ headers: { 'sec-gpc': value } })).toBe(isThere)
    })

    test('is promised where browsers look for it', async () => {
      const response = await fetch(`${product.url}/.well-known/gpc.json`)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await response.json()).toEqual({
        gpc: true,
        lastUpdate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      })
    })
  })

  describe('on the banner', () => {
    test('is one piece of HTML without script or style, for a page of any host', async () => {
      const banner = await visit(product, '/cookies/banner?lang=de&back=/news')
      expect(banner.status).toBe(200)
      expect(banner.html).toMatch(/^<section [^>]*lang="de"/)
      expect(banner.html).not.toMatch(/<script|<style|style=|<img|<iframe|\son\w+=/i)
      expect(banner.html).toContain(`action="${product.config.publicUrl.origin}/cookies"`)
      expect(banner.html).toContain('&lt;b>Ads&lt;/b>')
      const buttons = [...banner.html.matchAll(/<button ([^>]*?) value="(\w+)">/g)]
      expect(buttons.map(([, , act]) => act)).toEqual(['refuse', 'accept'])
      expect(new Set(buttons.map(([, attributes]) => attributes)).size).toBe(1)
      const answer = await send({ ...fieldsOf(banner.html), act: 'accept' })
      expect(answer.headers.get('location')).toBe('/news')
      expect(
        (await visit(product, '/cookies/banner', { headers: { cookie: answer.cookies[0] ?? '' } })).status,
      ).toBe(204)
    })

    test('says nothing of a back that is none', async () => {
      const { html } = await visit(product, '/cookies/banner?back=//evil.example&back=x')
      expect(html).not.toContain('evil')
    })
  })

  describe('by the API', () => {
    const SAVE = `mutation ($input: ConsentInput!) { visitorConsentSave(input: $input) {
      visitorToken visitorConsent { askAgain browserSignalHonoured decidedAt expiresAt decisions { purpose { key } status } }
      userErrors { __typename code field } } }`
    const input = async (change: AnyData = {}): Promise<AnyData> => {
      const { site } = await ok(product, '{ site { policy { version } purposes { key version kind } } }')
      const decisions = site.purposes
        .filter(({ kind }: AnyData) => /COOKIES/.test(kind))
        .map(({ key, version }: AnyData) => ({ purposeKey: key, purposeVersion: version, granted: true }))
      const { version: policyVersion } = site.policy
      return { decisions, policyVersion, surface: 'COOKIE_BANNER', method: 'ACCEPT_ALL', ...change }
    }

    test('comes back as a token, which is the choice itself; no cookie is set and nothing stored', async () => {
      const before = await dumpDatabase(product)
      const { visitorConsentSave } = await ok(product, SAVE, { input: await input() })
      const { visitorToken, visitorConsent } = visitorConsentSave
      expect(visitorConsent).toMatchObject({ askAgain: false, browserSignalHonoured: false })
      expect(visitorConsent.decisions.map((one: AnyData) => one.status)).toEqual(Array(4).fill('GRANTED'))
      const { viewer } = await ok(
        product,
        'query ($token: String) { viewer { visitorConsent(visitorToken: $token) { askAgain decisions { status } } } }',
        { token: visitorToken },
      )
      expect(viewer.visitorConsent).toEqual({
        askAgain: false,
        decisions: Array(4).fill({ status: 'GRANTED' }),
      })
      expect(await dumpDatabase(product)).toEqual(before)
    })

    test.each<[string, AnyData, string]>([
      ['no decision', { decisions: [] }, 'REQUIRED'],
      [
        'an unknown purpose',
        { decisions: [{ purposeKey: 'x', purposeVersion: 1, granted: false }] },
        'NOT_FOUND',
      ],
      [
        'a topic',
        { decisions: [{ purposeKey: 'topic:weekly', purposeVersion: 1, granted: true }] },
        'NOT_FOUND',
      ],
      [
        'old words',
        { decisions: [{ purposeKey: 'changing', purposeVersion: 1, granted: true }] },
        'STALE_POLICY',
      ],
      ['an old policy', { policyVersion: '0' }, 'STALE_POLICY'],
      ['a surface of readers', { surface: 'ONE_CLICK_HEADER' }, 'INVALID'],
      ['a method of browsers', { method: 'BROWSER_SIGNAL' }, 'INVALID'],
      ['a yes by refusing all', { method: 'REJECT_ALL' }, 'INVALID'],
      [
        'twice the same',
        { decisions: Array(2).fill({ purposeKey: 'ads', purposeVersion: 1, granted: false }) },
        'INVALID',
      ],
      [
        'too many',
        { decisions: Array(41).fill({ purposeKey: 'ads', purposeVersion: 1, granted: false }) },
        'TOO_LONG',
      ],
    ])('is refused with %s', async (_, change, code) => {
      const { visitorConsentSave } = await ok(product, SAVE, { input: await input(change) })
      expect(visitorConsentSave).toMatchObject({ visitorToken: null, userErrors: [{ code }] })
    })
  })
})
