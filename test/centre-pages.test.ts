import { Consent } from '../src/entities/consent'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
  waitForStatus,
} from './support/actors'
import { open, type Page, preferencesToken, submit } from './support/centre'
import { expectNoChange } from './support/dump'
import { readerWithLink, withdrawn } from './support/leaving'
import { codeIn, logInBrowser } from './support/logging-in'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { personOf, readerOf, settled, suppressionsOf } from './support/rows'

let product: Product
let admin: Staff
let topicId: string
let weekly: string

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topicId = (await makeTopic(product, admin, 'weekly', 'Weekly')).id
  await makeTopic(product, admin, 'monthly', 'Monthly')
  weekly = (await makeNewsletter(product, admin, topicId)).id
})
afterAll(() => product?.stop())

const statusesOf = async (email: string): Promise<string[]> => {
  const { id } = await readerOf(product, email)
  const consents = await product.connections.db.manager.find(Consent, {
    where: { readerId: id },
    order: { purposeId: 'ASC' },
  })
  // Personalisation, which every site has, is the first.
  return consents.slice(1).map(one => `${one.state} ${one.frequency}`)
}
/** The page without what is the same on all of them. */
const main = ({ html }: Page): string => /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? ''

describe('/p/TOKEN, by the link in a mail', () => {
  const linked = async () => {
    const { email } = await readerWithLink(product, weekly, { name: 'Ada Lovelace' })
    await settled(product, email)
    return { email, path: `/p/${await preferencesToken(product, email, weekly)}` }
  }

  test('shows the masked address, the topics and their state, and nothing else; looking changes nothing', async () => {
    const { email, path } = await linked()
    await expectNoChange(product, async () => {
      for (const query of ['', '?act=stop', '?lang=de']) {
        const page = await open(product, path + query)
        expect([page.status, page.cookies]).toEqual([200, []])
        expect(page.html).toContain('r•••@example.org')
        for (const secret of [
          email,
          'Ada',
          'Lovelace',
          'policy version',
          new Date().getFullYear().toString(),
        ])
          expect(main(page)).not.toContain(secret)
      }
    })
  })

  test('each form makes it less: less often, off, a pause, everything', async () => {
    const { email, path } = await linked()
    const less = await submit(product, path, { act: 'topic', slug: 'weekly', choice: 'AT_MOST_MONTHLY' })
    expect([less.status, less.cookies]).toEqual([200, []])
    expect(less.html).toContain('Saved.')
    // What is more than now is not even offered.
    expect(less.html.match(/value="EVERY_ISSUE"/g)).toHaveLength(1)
    await submit(product, path, { act: 'topic', slug: 'monthly', choice: 'OFF' })
    const off = (await statusesOf(email)).filter(one => one.includes('Withdrawn'))
    expect(off).toHaveLength(1)
    const paused = await submit(product, path, { act: 'pause', for: '1m' })
    expect(paused.html).toContain('You will hear from us again on')
    expect((await readerOf(product, email)).pausedUntil?.getTime()).toBeGreaterThan(
      Date.now() + 27 * 86_400_000,
    )
    const stopped = await submit(product, path, { act: 'stop' })
    expect(stopped.html).toContain('Every newsletter is stopped.')
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
    expect(await withdrawn(product, email)).toEqual(['SINGLE_TOGGLE', 'SINGLE_TOGGLE'])
  })

  test('works with no cookie, no origin and junk cookies: it is nobody’s log-in that counts', async () => {
    const { email, path } = await linked()
    const body = 'act=topic&slug=weekly&choice=OFF'
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie: 'weinterrupt-reader=x' }
    const response = await fetch(product.url + path, { method: 'POST', body, headers, redirect: 'manual' })
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
    expect((await statusesOf(email))[0]).toContain('ConsentWithdrawn')
  })

  test('refuses more, and whatever is not among its choices, and changes nothing', async () => {
    const { path } = await linked()
    await submit(product, path, { act: 'topic', slug: 'weekly', choice: 'AT_MOST_MONTHLY' })
    await submit(product, path, { act: 'pause', for: '3m' })
    await expectNoChange(product, async () => {
      const bodies: Record<string, string>[] = [
        { act: 'topic', slug: 'weekly', choice: 'EVERY_ISSUE' },
        { act: 'topic', slug: 'weekly', choice: 'SOMETIMES' },
        { act: 'topic', slug: 'nothing', choice: 'AT_MOST_MONTHLY' },
        { act: 'topic', slug: 'weekly' },
        { act: 'pause', for: '2w' },
        { act: 'pause', for: 'date', until: '2020-01-01' },
        { act: 'pause', for: 'date', until: '2999-01-01' },
        { act: 'pause', for: 'date', until: `${'9'.repeat(5000)}` },
        { act: 'pause', for: 'constructor' },
        { act: 'resume' },
        { act: 'constructor' },
        { act: 'x'.repeat(70_000) },
        {},
      ]
      for (const body of bodies) {
        const page = await submit(product, path, body)
        expect([JSON.stringify(body).slice(0, 60), page.status]).toEqual([
          JSON.stringify(body).slice(0, 60),
          422,
        ])
        expect(page.html).toContain('role="alert"')
      }
    })
  })

  test('of an erased reader or a lost newsletter it says that nothing is here, with 410', async () => {
    const { email, path } = await linked()
    const { id } = await readerOf(product, email)
    await product.connections.db.query(
      'UPDATE reader SET erased_at = UTC_TIMESTAMP(3), address_hash = NULL, email_sealed = NULL WHERE id = ?',
      [id],
    )
    for (const page of [await open(product, path), await submit(product, path, { act: 'stop' })])
      expect(page.status).toBe(410)
    expect((await open(product, '/p/test')).html).toContain('This is a test')
  })

  test('every mail carries it in both parts, and the unsubscribe page offers it below its button', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    const before = mailsTo(product, email).length
    const { id } = await makeNewsletter(product, admin, topicId)
    await scheduleNow(product, admin, id)
    await waitForStatus(product, admin, id, 'SENT')
    const mail = await waitForMail(product, email, before + 1)
    const path = `/p/${await preferencesToken(product, email, id)}`
    expect(mail.text).toContain(`Less often, pause, settings: ${product.config.publicUrl.origin}${path}`)
    expect(mail.html).toContain(`href="${product.config.publicUrl.origin}${path}"`)
    const unsubscribe = /\/u\/[a-z2-7]{53}/.exec(mail.text)?.[0] ?? ''
    const { html } = await open(product, unsubscribe)
    expect(html.indexOf(path)).toBeGreaterThan(html.indexOf('main-button'))
    expect((await open(product, path)).status).toBe(200)
  })
})

describe('/p, for who logs in', () => {
  const loggedIn = async (overrides = {}) => {
    const { email } = await makeReader(product, ['topic:weekly'], overrides)
    const cookie = await logInBrowser(product, email)
    await settled(product, email)
    return { email, cookie }
  }
  const codeFor = async (email: string, n: number): Promise<string> => {
    const { code } = codeIn(await waitForMail(product, email, n))
    await settled(product, email)
    return code
  }

  test('an address and the code mailed to it log in; the answer is the same for every address', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    const [known, unknown] = [email, 'nobody-here@example.org']
    const ask = async (address: string) =>
      (await submit(product, '/p', { act: 'login', email: address })).html.replaceAll(address, 'ADDRESS')
    const before = mailsTo(product, email).length
    expect(await ask(known)).toBe(await ask(unknown))
    const code = await codeFor(email, before + 1)
    const wrong = await submit(product, '/p', {
      act: 'code',
      email,
      code: code === '000000' ? '1' : '000000',
    })
    expect([wrong.status, wrong.cookies]).toEqual([422, []])
    const right = await submit(product, '/p', { act: 'code', email, code })
    expect([right.status, right.location]).toEqual([303, '/p'])
    const cookie = (right.cookies[0] ?? '').split(';')[0] ?? ''
    expect((await open(product, '/p', cookie)).html).toContain(email)
    expect((await submit(product, '/p', { act: 'login', email: 'nobody' })).status).toBe(422)
  })

  test('looking at the pages changes nothing, and without a log-in they show nothing', async () => {
    const { email, cookie } = await loggedIn({ name: 'Ada' })
    await product.connections.db.query(
      'UPDATE reader_session SET last_used_at = last_used_at - INTERVAL 1 HOUR',
    )
    await expectNoChange(product, async () => {
      for (const path of ['/p', '/p/history', '/p/mails']) {
        const page = await open(product, path, cookie)
        expect([path, page.status, page.cookies]).toEqual([path, 200, []])
        const nobody = await open(product, path)
        expect(nobody.html).not.toContain(email)
        expect([200, 303]).toContain(nobody.status)
      }
    })
  })

  test('less needs no code; more asks for one on the page itself and then does what was asked', async () => {
    const { email, cookie } = await loggedIn()
    const send = (fields: Record<string, string>) => submit(product, '/p', fields, { cookie })
    const before = mailsTo(product, email).length
    const topic = { act: 'topic', slug: 'weekly', policyVersion: '1', purposeVersion: '1' }
    expect((await send({ ...topic, choice: 'AT_MOST_MONTHLY' })).html).toContain('Saved.')
    const asked = await send({ ...topic, choice: 'EVERY_ISSUE' })
    expect(asked.html).toContain('name="code"')
    expect(asked.html).toContain('value="EVERY_ISSUE"')
    expect((await statusesOf(email))[0]).toContain('AT_MOST_MONTHLY')
    const code = await codeFor(email, before + 1)
    const wrong = await send({ ...topic, choice: 'EVERY_ISSUE', code: 'abcdef' })
    expect([wrong.status, wrong.html.includes('value="EVERY_ISSUE"')]).toEqual([422, true])
    expect((await send({ ...topic, choice: 'EVERY_ISSUE', code })).html).toContain('Saved.')
    expect((await statusesOf(email))[0]).toBe('ConsentGiven EVERY_ISSUE')
    // For half an hour that is enough, also for a yes.
    const other = { ...topic, slug: 'monthly', choice: 'AT_MOST_WEEKLY' }
    expect((await send(other)).html).toContain('Saved.')
    expect(await statusesOf(email)).toContain('ConsentGiven AT_MOST_WEEKLY')
    expect((await send({ act: 'pause', for: 'date', until: '2020-01-01' })).status).toBe(422)
    await send({ act: 'pause', for: '2w' })
    expect((await send({ act: 'resume' })).html).toContain('Saved.')
    expect((await readerOf(product, email)).pausedUntil).toBeNull()
    await send({ ...topic, choice: 'OFF' })
    expect(await withdrawn(product, email)).toEqual(['SINGLE_TOGGLE'])
  })

  test('profile, another address, logging out', async () => {
    const { email, cookie } = await loggedIn({ name: 'Ada' })
    const send = (fields: Record<string, string>) => submit(product, '/p', fields, { cookie })
    const profile = { act: 'profile', name: 'Grace', locale: 'de', timeZone: 'Europe/Berlin' }
    expect((await send(profile)).html).toContain('Gespeichert.')
    expect(await personOf(product, email)).toEqual({ email, name: 'Grace' })
    expect((await send({ ...profile, timeZone: 'Nowhere' })).status).toBe(422)
    expect((await send({ ...profile, name: 'x'.repeat(200) })).status).toBe(422)
    const before = mailsTo(product, email).length
    const newEmail = `new-${Math.random().toString(36).slice(2)}@example.org`
    expect((await send({ act: 'address', newEmail: 'nobody' })).status).toBe(422)
    expect((await send({ act: 'address', newEmail })).html).toContain(`value="${newEmail}"`)
    const code = await codeFor(email, before + 1)
    expect((await send({ act: 'address', newEmail, code })).html).toContain('24 Stunden')
    const token = /\/e\/([a-z2-7]{53})/.exec((await waitForMail(product, newEmail)).text)?.[1]
    await settled(product, newEmail)
    await expectNoChange(product, async () => {
      expect((await open(product, `/e/${token}`)).html).toContain('n•••@example.org')
    })
    expect((await submit(product, `/e/${token}`, {})).status).toBe(200)
    expect((await submit(product, `/e/${token}`, {})).status).toBe(410)
    const again = await logInBrowser(product, newEmail)
    const out = await submit(product, '/p', { act: 'logout' }, { cookie: again })
    expect([out.status, out.cookies.length]).toEqual([303, 1])
    expect((await open(product, '/p', again)).html).not.toContain(newEmail)
  })

  test('history and mails show the words, the policy and the yes behind each mail', async () => {
    const { cookie } = await loggedIn()
    const { id } = await makeNewsletter(product, admin, topicId)
    await scheduleNow(product, admin, id)
    await waitForStatus(product, admin, id, 'SENT')
    const history = await open(product, '/p/history', cookie)
    for (const words of ['All about Weekly', '/privacy/1', 'with the link we mailed', 'Not confirmed'])
      expect(history.html).toContain(words)
    const mails = await open(product, '/p/mails', cookie)
    for (const words of ['News for you', 'Why did I get this?', 'You said yes to Weekly', 'All about Weekly'])
      expect(mails.html).toContain(words)
    const receipt = await open(product, '/p/receipt', cookie)
    expect(JSON.parse(receipt.html)).toMatchObject({ receipt: { '@type': 'dpv:ConsentReceipt' } })
    expect((await open(product, '/p/receipt')).status).toBe(303)
    for (const before of ['-1', 'x', '99999999999999999999', '1'])
      expect((await open(product, `/p/mails?before=${before}`, cookie)).status).toBe(200)
  })

  test('a form of another site, a foreign act and no act change nothing', async () => {
    const { cookie } = await loggedIn()
    await expectNoChange(product, async () => {
      const cross = await submit(product, '/p', { act: 'stop' }, { cookie, origin: 'https://evil.example' })
      expect(cross.html).not.toContain('Every newsletter is stopped.')
      for (const act of ['', 'constructor', '__proto__', 'erase'])
        expect((await submit(product, '/p', { act }, { cookie })).status).toBe(200)
    })
  })
})
