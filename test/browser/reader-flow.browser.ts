import type { Browser } from 'playwright-core'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
  tokenIn,
  uniqueAddress,
} from '../support/actors'
import { statesOf } from '../support/leaving'
import { waitForMail } from '../support/mail'
import { type Product, startProduct } from '../support/product'
import { newVisitor, startBrowser } from './visitor'

let product: Product
let browser: Browser
let admin: Staff

beforeAll(async () => {
  product = await startProduct()
  browser = await startBrowser()
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
})

test.each([
  ['with scripts', true],
  ['without scripts', false],
])('a visitor signs up, confirms, gets a newsletter and leaves, %s', async (how, javaScriptEnabled) => {
  const name = javaScriptEnabled ? 'Weekly' : 'Monthly'
  const topic = await makeTopic(product, admin, name.toLowerCase(), name)
  const visitor = await newVisitor(browser, product.url, { javaScriptEnabled })
  const { page } = visitor
  const heading = page.getByRole('heading', { level: 1 })
  const email = uniqueAddress()

  expect(await visitor.open('/subscribe')).toBe(200)
  await page.getByLabel('Month').fill('5')
  await page.getByLabel('Year').fill('1990')
  await page.getByRole('button').click()
  await page.getByRole('checkbox', { name }).check()
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button').click()
  expect(await heading.textContent()).toMatch(/inbox/i)

  const confirmation = await waitForMail(product, email)
  expect(await visitor.open(`/c/${tokenIn(confirmation, 'c')}`)).toBe(200)
  await page.getByRole('button', { name }).click()
  expect(await heading.textContent()).toContain(name)
  expect(await statesOf(product, email)).toContain('ConsentGiven')

  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  const newsletter = await waitForMail(product, email, 2)
  expect(await visitor.open(`/u/${tokenIn(newsletter, 'u')}`)).toBe(200)
  expect(await statesOf(product, email)).not.toContain('ConsentWithdrawn')
  await page.getByRole('button', { name }).click()
  expect(await heading.textContent()).toContain(name)
  expect(await statesOf(product, email)).toContain('ConsentWithdrawn')
  expect([how, ...visitor.complaints]).toEqual([how])
  expect(await visitor.context.cookies()).toEqual([])
  await visitor.context.close()
})
