import type { Browser } from 'playwright-core'
import { makeNewsletter, makeStaff, makeTopic } from '../support/actors'
import { pending } from '../support/confirming'
import { readerWithLink } from '../support/leaving'
import { mailsTo } from '../support/mail'
import { type Product, startProduct } from '../support/product'
import { makeCookiePurpose } from '../support/visiting'
import { enterBirth } from './every-page'
import {
  accessibilityFaults,
  newVisitor,
  overhang,
  PHONE,
  startBrowser,
  storedBy,
  tabThrough,
} from './visitor'

let product: Product
let browser: Browser
let newsletterId: string

beforeAll(async () => {
  product = await startProduct()
  browser = await startBrowser()
  const admin = await makeStaff(product, 'ADMIN')
  newsletterId = (
    await makeNewsletter(product, admin, (await makeTopic(product, admin, 'weekly', 'Weekly')).id)
  ).id
  await makeTopic(product, admin, 'monthly', 'Monthly')
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
})

test('a first-time visitor gets no cookie, nothing is stored, and nobody else is asked', async () => {
  const visitor = await newVisitor(browser, product.url)
  for (const path of [
    '/',
    '/privacy',
    '/cookies',
    '/subscribe?lang=de',
    '/u/forged',
    '/c/forged',
    '/nothing',
    '/healthz',
  ]) {
    await visitor.open(path)
    expect([path, ...(await storedBy(visitor))]).toEqual([path])
  }
  await visitor.open('/subscribe')
  await enterBirth(visitor, '5', '1990')

  expect(await storedBy(visitor)).toEqual([])
  expect(visitor.complaints).toEqual([])
  await visitor.context.close()
})

test('a choice about cookies is one press either way, leaves one cookie, and counts for nothing against the browser’s signal', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'visits')
  const visitor = await newVisitor(browser, product.url, { javaScriptEnabled: false })
  const { page } = visitor
  await visitor.open('/cookies')
  expect((await visitor.context.cookies()).length).toBe(0)
  const [refuse, accept] = (await page.evaluate(LOOKS)) as unknown[]
  expect(refuse).toEqual(accept)
  for (const act of ['accept', 'refuse']) {
    await page.locator(`button[value=${act}]`).click()
    expect((await visitor.context.cookies()).map(({ name }) => name)).toEqual(['weinterrupt-choice'])
    expect(await page.locator('[name="purpose:visits"]').isChecked()).toBe(act === 'accept')
  }
  await page.locator('button[value=accept]').click()
  await visitor.context.setExtraHTTPHeaders({ 'Sec-GPC': '1' })
  await visitor.open('/cookies')
  expect(await page.locator('form').count()).toBe(0)
  expect(await page.getByRole('status').textContent()).toContain('Global Privacy Control')
  expect(visitor.complaints).toEqual([])
  await visitor.context.close()
})

/** What two buttons could differ in, but for their words. */
const LOOKS = `[...document.querySelectorAll('button[name=act]')].map(button => {
  const { color, backgroundColor, borderColor, fontSize, fontWeight, height } = getComputedStyle(button)
  return { color, backgroundColor, borderColor, fontSize, fontWeight, height }
})`

test('the policy stops a script in a page, and this suite would notice', async () => {
  const visitor = await newVisitor(browser, product.url)
  await visitor.open('/subscribe')
  await visitor.page.evaluate(
    "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))",
  )
  await visitor.page.evaluate('new Promise(done => setTimeout(done, 100))')

  expect(await visitor.page.evaluate('window.ran')).toBeUndefined()
  expect(visitor.complaints.join()).toContain('Content Security Policy')
  await visitor.context.close()
})

test('this suite would notice a page that is not accessible or too wide', async () => {
  const visitor = await newVisitor(browser, product.url, { viewport: PHONE })
  await visitor.open('/subscribe')
  expect([await accessibilityFaults(visitor.page), await overhang(visitor.page)]).toEqual([[], 0])

  await visitor.page.evaluate("document.querySelector('label').remove()")
  await visitor.page.evaluate("document.querySelector('h1').style.width = '40rem'")

  expect((await accessibilityFaults(visitor.page)).join()).toContain('name="birthMonth"')
  expect(await overhang(visitor.page)).toBeGreaterThan(0)
  await visitor.context.close()
})

describe('with the keyboard alone', () => {
  test('Tab goes through a page in reading order, and the focus is always seen', async () => {
    const visitor = await newVisitor(browser, product.url)
    const names: Record<string, string[]> = {}
    const { token } = await readerWithLink(product, newsletterId)
    const waiting = await pending(product)
    for (const path of ['/subscribe', `/c/${waiting.token}`, `/u/${token}`, '/privacy']) {
      await visitor.open(path)
      const stops = await tabThrough(visitor.page)
      expect(stops.filter(stop => !stop.isVisible || !stop.isMarked)).toEqual([])
      names[path.slice(0, 3)] = stops.map(stop => stop.name)
    }

    const start = 'Skip to the content'
    const end = ['Privacy policy', 'Cookies']
    const PROMISES = 'Whether we keep what we promise'
    const PERIODS = 'Each kind of data with its period'
    const inText = [
      PROMISES,
      'in a public list',
      PERIODS,
      'Every cookie there is',
      'The ones we recommend',
      'your own page',
    ]
    const below = ['What we keep, and for how long', 'Who helps us', 'Links to sites of others', PROMISES]
    const STOP_ALL = 'Stop everything from We Interrupt'
    const languages = ['English', 'Deutsch']
    expect(names).toEqual({
      '/su': [start, 'Month', 'Year', 'Continue', ...end, ...languages],
      '/c/': [start, 'Yes, send me Weekly', 'This wasn’t me', ...end],
      '/u/': [start, expect.stringMatching(/Weekly$/), expect.any(String), STOP_ALL, ...end],
      '/pr': [start, ...inText, ...below, ...end, ...languages],
    })
    await visitor.context.close()
  })

  test('a visitor signs up', async () => {
    const visitor = await newVisitor(browser, product.url)
    const { keyboard } = visitor.page
    const press = async (...keys: string[]) => {
      for (const key of keys) await keyboard.press(key)
    }
    await visitor.open('/subscribe')
    // Past the header, then month and year.
    await press('Tab', 'Enter', 'Tab')
    await keyboard.type('5')
    await press('Tab')
    await keyboard.type('1990')
    await press('Enter')
    await visitor.page.locator('[name=email]').waitFor()
    await press('Tab', 'Enter', 'Tab', 'Space')
    while ((await visitor.page.evaluate('document.activeElement.name')) !== 'email') await press('Tab')
    await keyboard.type('keyboard@example.org')
    await press('Enter')
    await visitor.page.getByRole('heading', { name: 'Check your inbox' }).waitFor()

    for (let tries = 0; tries < 100 && mailsTo(product, 'keyboard@example.org').length === 0; tries++)
      await new Promise(done => setTimeout(done, 100))
    expect(mailsTo(product, 'keyboard@example.org')).toHaveLength(1)
    await visitor.context.close()
  })
})
