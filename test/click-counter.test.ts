import { NewsletterLink } from '../src/entities/newsletter-link'
import { makeStaff, makeTopic, type Staff, scheduleNow, waitForStatus } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { deliveredOf } from './support/checker'
import { dumpDatabase, expectNoChange } from './support/dump'
import { parseMail } from './support/mail'
import { plantRow } from './support/plant-row'
import { type Product, startProduct } from './support/product'
import { makeCookiePurpose, visit } from './support/visiting'

const STORY = 'https://shop.example/story?from=mail&part=1'
const SHORT = 'https://shop.example/story'
const MJML = `<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{name|reader}},
<a href="${SHORT}">short</a> <a href="https://user:key@site.example/">key</a>
<a href="https://site.example/?n={{name}}">own</a> <a href="mailto:us@site.example">us</a></mj-text>
<mj-button href="${STORY.replace('&', '&amp;')}">Read the story</mj-button></mj-column></mj-section></mj-body></mjml>`
const YES = 'clicks'

let product: Product
let admin: Staff
let topic: AnyData
let counted: KnownReader[]
let plain: KnownReader[]
let id: string

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const SWITCH =
  'mutation ($on: Boolean!) { clickCountingSwitch(on: $on) { accepted userErrors { code field } } }'
const counting = async (on: boolean) =>
  (await ok(product, SWITCH, { on }, { token: admin.token })).clickCountingSwitch

/** Sends it to everybody; answers its id and the mails by address. */
async function send(): Promise<[string, Map<string, { html: string; text: string }>]> {
  const { newsletterCreate } = await ok(
    product,
    'mutation ($input: NewsletterInput!) { newsletterCreate(input: $input) { newsletter { id } } }',
    { input: { topicId: topic.id, contents: [{ locale: 'en', subject: 'News', mjml: MJML }] } },
    { token: admin.token },
  )
  const newsletterId = newsletterCreate.newsletter.id
  await scheduleNow(product, admin, newsletterId)
  await waitForStatus(product, admin, newsletterId, 'SENT')
  const mails = await Promise.all(deliveredOf(product, newsletterId).map(parseMail))
  return [newsletterId, new Map(mails.map(mail => [mail.received.to[0] ?? '', mail]))]
}

const linksTo = (text = '', site: string | URL) =>
  [...text.replaceAll('&amp;', '&').matchAll(/https?:\/\/[^\s"<>)]+/g)]
    .map(([url]) => url)
    .filter(url => url.startsWith(new URL('/r/', site).href))

const links = () => product.connections.db.manager.find(NewsletterLink, { order: { url: 'ASC' } })
const today = () => new Date().toISOString().slice(0, 10)
const press = (path: string, headers: Record<string, string> = {}) =>
  visit(product, path, { headers: { 'user-agent': 'A', ...headers } })

test('without a purpose to say yes to, counting cannot be switched on', async () => {
  await expectNoChange(product, async () => {
    expect(await counting(true)).toEqual({
      accepted: false,
      userErrors: [{ code: 'INVALID_STATE', field: ['on'] }],
    })
  })
})

test('only an admin has the switch', async () => {
  const publisher = await makeStaff(product, 'PUBLISHER')
  const { errors } = await graphql(product, SWITCH, { on: true }, { token: publisher.token })
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})

test('while it is off, everybody gets the plain links, a yes or not', async () => {
  await makeCookiePurpose(product, admin, 'CLICK_COUNTING', YES, undefined, 'Count presses')
  counted = await makeReaders(product, 2, { purposes: ['topic:weekly', YES] })
  plain = await makeReaders(product, 1, { purposes: ['topic:weekly'] })
  const [, mails] = await send()
  expect(mails.size).toBe(3)
  for (const { html, text } of mails.values())
    expect([linksTo(html, product.config.publicUrl), linksTo(text, product.config.publicUrl)]).toEqual([
      [],
      [],
    ])
  expect(await links()).toEqual([])
})

test('switched on, who said yes gets links that are the same for all of them; the others get the plain ones', async () => {
  expect((await ok(product, '{ site { countsClicks } }')).site).toEqual({ countsClicks: false })
  expect(await counting(true)).toEqual({ accepted: true, userErrors: [] })
  expect((await ok(product, '{ site { countsClicks } }')).site).toEqual({ countsClicks: true })
  let mails: Awaited<ReturnType<typeof send>>[1]
  ;[id, mails] = await send()
  const stored = await links()
  expect(stored.map(({ url }) => url)).toEqual([SHORT, STORY])

  const site = product.config.publicUrl
  const own = stored.map(link => new URL(`/r/${link.id}`, site).href).sort()
  for (const reader of counted) {
    const mail = mails.get(reader.email)
    expect(linksTo(mail?.html, site).sort()).toEqual(own)
    expect(linksTo(mail?.text, site).sort()).toEqual(own)
    expect(mail?.html).not.toContain('shop.example/story')
    for (const part of [mail?.html, mail?.text])
      expect(part?.split('(external: shop.example)').length).toBeGreaterThan(stored.length)
    expect(mail?.html).toContain('mailto:us@site.example')
    expect(mail?.html).toContain('https://site.example/?n=')
  }
  for (const reader of plain) {
    const mail = mails.get(reader.email)
    expect(linksTo(mail?.html, site)).toEqual([])
    expect(mail?.text).toContain(SHORT)
  }
})

test('a press leads to the stored place, and adds a number of nobody: once for a person and day', async () => {
  const [short, story] = await links()
  const before = await dumpDatabase(product)
  for (let times = 0; times < 3; times++) {
    const { status, headers, cookies } = await press(`/r/${story?.id}?to=https://evil.example`)
    expect([status, headers.get('location'), headers.get('cache-control'), cookies]).toEqual([
      302,
      STORY,
      'no-store',
      [],
    ])
  }
  await press(`/r/${story?.id}`, { 'user-agent': 'B' })
  await press(`/r/${short?.id}`)

  const { stat_cell, ...after } = await dumpDatabase(product)
  const { stat_cell: none, ...rest } = before
  expect(after).toEqual(rest)
  expect(none).toEqual([])
  const cells = await product.connections.db.manager.query('SELECT metric, label, people FROM stat_cell')
  const byLabel = Object.fromEntries(cells.map(({ label, people }: AnyData) => [label, people]))
  expect(byLabel).toEqual({ [story?.id ?? '']: 2, [short?.id ?? '']: 1 })
  expect(stat_cell).toHaveLength(2)
})

test('the signal of a browser, HEAD, and what comes while it is off are led on and not counted', async () => {
  const [short] = await links()
  await expectNoChange(product, async () => {
    expect((await press(`/r/${short?.id}`, { 'sec-gpc': '1', 'user-agent': 'C' })).status).toBe(302)
    const head = await fetch(`${product.url}/r/${short?.id}`, { method: 'HEAD', redirect: 'manual' })
    expect([head.status, head.headers.get('location')]).toEqual([302, SHORT])
  })
  await counting(false)
  await expectNoChange(product, async () => {
    expect((await press(`/r/${short?.id}`, { 'user-agent': 'D' })).headers.get('location')).toBe(SHORT)
  })
  await counting(true)
})

test.each([
  ['a name that is none', '/r/abcdefghijkl'],
  ['an address', '/r/https:%2F%2Fevil.example'],
  ['a host', '/r/%2F%2Fevil.example'],
  ['a script', '/r/javascript:alert(1)'],
  ['a zero byte', '/r/abcdefghijk%00'],
  ['a name without end', `/r/${'a'.repeat(3000)}`],
  ['a piece of SQL', "/r/'%20OR%201=1"],
])('%s leads nowhere', async (_, path) => {
  await expectNoChange(product, async () => {
    const { status, headers } = await press(path)
    expect([status, headers.get('location')]).toEqual([404, null])
  })
})

test('takes no POST', async () => {
  const [short] = await links()
  expect((await visit(product, `/r/${short?.id}`, { form: { a: 'b' } })).status).toBe(405)
})

const REPORT = `query ($id: ID!) { newsletter(id: $id) { report {
  clicks { count outOf suppressed } links { url clicks { count outOf suppressed } } } } }`
const report = async () => (await ok(product, REPORT, { id }, { token: admin.token })).newsletter.report

test('the report hides fewer than ten, rounds down the rest, leaves out the day that is not over, and gives no base for a rate below fifty', async () => {
  const [short, story] = await links()
  const click = (day: string, label = '', people = 0) =>
    plantRow(product, 'stat_cell', { day, metric: 'LINK_CLICK', label, people })
  const hidden = { count: null, outOf: null, suppressed: true }
  expect(await report()).toEqual({
    clicks: hidden,
    links: [
      { url: SHORT, clicks: hidden },
      { url: STORY, clicks: hidden },
    ],
  })
  await click('2026-01-05', story?.id, 9)
  await click('2026-01-06', story?.id, 23)
  await click('2026-01-05', short?.id, 9)
  await product.connections.db.manager.query('UPDATE stat_cell SET people = 90 WHERE day = ?', [today()])
  const shown = { count: 20, outOf: null, suppressed: false }
  expect(await report()).toEqual({
    clicks: shown,
    links: [
      { url: SHORT, clicks: hidden },
      { url: STORY, clicks: shown },
    ],
  })
})

test('a base for a rate is given from fifty readers on, by fives', async () => {
  await makeReaders(product, 50, { purposes: ['topic:weekly'] })
  ;[id] = await send()
  expect((await report()).clicks).toEqual({ count: null, outOf: 50, suppressed: true })
})
