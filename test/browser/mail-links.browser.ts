import type { Browser } from 'playwright-core'
import { noticeKinds } from '../../src/entities/notice'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  scheduleNow,
  uniqueAddress,
  waitForStatus,
} from '../support/actors'
import { ok } from '../support/api'
import { ADDRESS_CONFIRM, ADDRESS_START, act } from '../support/centre'
import { pending } from '../support/confirming'
import { expectNoChange } from '../support/dump'
import { releaseTo } from '../support/lawful'
import { askToLogIn } from '../support/logging-in'
import { type Mail, parseMail, waitForMail } from '../support/mail'
import { askForCopy, askForErasure, provenReader } from '../support/own-data'
import { type Product, startProduct } from '../support/product'
import { letEndIn, renewalMail } from '../support/renewals'
import { allSettled, readerOf } from '../support/rows'
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

/** Has the product send one mail of each kind: newsletter and test, to readers, to staff, to who is a reader no more. */
async function causeEveryMail(): Promise<void> {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'weekly', 'Weekly')
  const { id } = await makeNewsletter(product, admin, topic.id)
  const asAdmin = (query: string, variables: object) => ok(product, query, { ...variables }, admin)
  await asAdmin(
    'mutation ($id: ID!, $to: [String!]!) { newsletterSendTest(id: $id, input: { to: $to }) { userErrors { code } } }',
    { id, to: [admin.email] },
  )
  await asAdmin('mutation ($input: StaffInput!) { staffInvite(input: $input) { userErrors { code } } }', {
    input: { email: uniqueAddress('site.example'), name: 'An author', role: 'AUTHOR' },
  })
  await asAdmin(
    'mutation ($email: String!) { staffPasswordResetStart(input: { email: $email }) { accepted } }',
    { email: admin.email },
  )
  await pending(product)
  const ada = await makeReader(product, ['topic:weekly'])
  await askToLogIn(product, ada.email)
  await letEndIn(product, ada.email, 20)
  await renewalMail(product, ada.email, 3)
  await causeMailsAboutData()
  const { publicId } = await readerOf(product, ada.email)
  await releaseTo(product, [admin, await makeStaff(product, 'ADMIN')], publicId)
  await scheduleNow(product, admin, id)
  await waitForStatus(product, admin, id, 'SENT')
}

/** One address that waits to be confirmed and one that was, a copy that waits for its code, a receipt. */
async function causeMailsAboutData(): Promise<void> {
  const stays = await provenReader(product)
  const moves = await provenReader(product)
  const goes = await provenReader(product)
  const start = async (accessToken: string): Promise<string> => {
    const newEmail = uniqueAddress()
    await act(product, ADDRESS_START, { newEmail }, accessToken)
    return (await waitForMail(product, newEmail)).text
  }
  await start(stays.accessToken)
  await askForCopy(product, stays.accessToken)
  const token = /\/e\/([a-z2-7]{53})/.exec(await start(moves.accessToken))?.[1]
  await act(product, ADDRESS_CONFIRM, { token })
  await askForErasure(product, goes.accessToken)
  // After the confirmation and two codes.
  expect((await waitForMail(product, goes.email, 4)).subject).toMatch(/deleted/)
}

/** Opened by whoever has the mail: also after what it asks for was done. */
const OPENED = [200, 410]

test('every link in every kind of mail can be opened and asked for its head ten times, by a browser with scripts, and nothing changes', async () => {
  await causeEveryMail()
  const notices = await allSettled(product)
  const sent = notices.filter(({ state }) => state === 'sent').map(({ kind }) => kind)
  // The row of a receipt goes with what it is about.
  expect([...new Set([...sent, 'erasure'])].sort()).toEqual([...noticeKinds].sort())

  const mails = await Promise.all(product.sink.accepted().map(parseMail))
  const ours = [...new Set(mails.flatMap(linksIn))].filter(link => link.startsWith(product.url))
  const doors = new Set(ours.map(link => new URL(link).pathname.split('/')[1]))
  expect([...doors].sort()).toEqual(['a', 'c', 'e', 'export', 'l', 'p', 's', 'u'])

  const visitor = await newVisitor(browser, product.url)
  await expectNoChange(product, async () => {
    for (const link of ours) {
      const statuses: (number | undefined)[] = []
      for (let times = 0; times < TIMES; times++) {
        statuses.push((await visitor.page.goto(link))?.status())
        statuses.push((await fetch(link, { method: 'HEAD' })).status)
      }
      expect([link, OPENED.includes(statuses[0] ?? 0), ...new Set(statuses)]).toEqual([
        link,
        true,
        statuses[0],
      ])
    }
  })
  expect(visitor.complaints).toEqual([])
  await visitor.context.close()
}, 240_000)
