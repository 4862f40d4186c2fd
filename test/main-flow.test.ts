import { select } from '../src/transaction'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  scheduleNow,
  tokenIn,
  waitForStatus,
} from './support/actors'
import { type AnyData } from './support/api'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const post = (path: string, init: RequestInit = {}) =>
  fetch(product.url + path, { method: 'POST', redirect: 'manual', ...init })

test('a reader registers, confirms by POST, gets the newsletter once, leaves with one click and gets no more', async () => {
  const input = await registerInput(product, ['topic:weekly', 'personalisation'], { name: 'Ada <b>' })
  expect(await register(product, input)).toMatchObject({ accepted: true, userErrors: [] })
  const confirmation = await waitForMail(product, input.email)
  const token = tokenIn(confirmation, 'c')

  const page = await fetch(`${product.url}/c/${token}`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Weekly')
  expect(await count('reader')).toBe(0)
  expect(await count('consent_event')).toBe(0)

  expect((await post(`/c/${token}`)).status).toBe(200)
  expect(await count('reader')).toBe(1)

  const first = await makeNewsletter(product, admin, topic.id)
  expect(first.checklist.ready).toBe(true)
  await scheduleNow(product, admin, first.id)
  const sent = await waitForStatus(product, admin, first.id, 'SENT')
  expect(sent.report).toEqual({ audience: 1, sent: 1, failed: 0, unknown: 0, cancelled: 0, skipped: [] })
  const mail = await waitForMail(product, input.email, 2)
  expect(mail.subject).toBe('News for Ada <b>')
  expect(mail.html).toContain('Ada &lt;b&gt;')
  expect(mail.text).toContain('Ada <b>')

  const answer = await post(`/u/${tokenIn(mail, 'u')}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  })
  expect(answer.status).toBe(200)

  const other = await makeReader(product, ['topic:weekly'])
  const second = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, second.id)
  const report = (await waitForStatus(product, admin, second.id, 'SENT')).report
  expect(report).toMatchObject({ audience: 2, sent: 1, skipped: [{ reason: 'CONSENT_WITHDRAWN', count: 1 }] })
  expect(mailsTo(product, input.email)).toHaveLength(2)
  expect(mailsTo(product, other.email)).toHaveLength(2)
})

const count = async (table: string): Promise<number> => {
  const [row] = await select<{ n: number }>(
    product.connections.db.manager,
    `SELECT COUNT(*) AS n FROM ${table}`,
  )
  return Number(row?.n)
}
