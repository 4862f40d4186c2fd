import type { Browser } from 'playwright-core'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  scheduleNow,
  waitForStatus,
} from '../support/actors'
import { pending } from '../support/confirming'
import { expectNoChange } from '../support/dump'
import { type Mail, waitForMail } from '../support/mail'
import { type Product, startProduct } from '../support/product'
import { newVisitor, startBrowser } from './visitor'

const TIMES = 10

let product: Product
let browser: Browser

beforeAll(async () => {
  product = await startProduct()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
})

/** All links of both parts and of the header, each once. */
function linksIn(mail: Mail): string[] {
  const places = [mail.text, mail.html.replaceAll('&amp;', '&'), mail.headers.get('list-unsubscribe') ?? '']
  return [...new Set(places.flatMap(text => text.match(/https?:\/\/[^\s<>"')\]]+/g) ?? []))]
}

test('every link in the mails can be opened and asked for its head ten times, by a browser with scripts, and nothing changes', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly', 'Weekly')
  const waiting = await pending(product)
  const { email } = await makeReader(product, ['topic:weekly'])
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  const newsletter = await waitForMail(product, email, 2)
  await waitForStatus(product, admin, id, 'SENT')
  const links = [waiting.mail, newsletter].flatMap(linksIn)
  const ours = links.filter(link => link.startsWith(product.url))
  expect(ours.filter(link => /\/[cpu]\//.test(link))).toHaveLength(3)

  const visitor = await newVisitor(browser, product.url)
  await expectNoChange(product, async () => {
    for (const link of ours)
      for (let times = 0; times < TIMES; times++) {
        const opened = await visitor.page.goto(link)
        const head = await fetch(link, { method: 'HEAD' })
        expect([link, opened?.status(), head.status]).toEqual([link, 200, 200])
      }
  })
  expect(visitor.complaints).toEqual([])
  await visitor.context.close()
})
