import { randomUUID } from 'node:crypto'
import { makeStaff, makeTopic, type Staff, tokenIn, uniqueAddress } from './support/actors'
import { type AnyData, ok } from './support/api'
import { dumpDatabase } from './support/dump'
import { boxesOf, fieldsOf, ticked } from './support/form'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { eventsOf, personOf, registrationsOf, settled } from './support/rows'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const WEEKLY = 'purpose:topic:weekly'
const PERSONAL = 'purpose:personalisation'
const OF_AGE = { birthMonth: '5', birthYear: '1990' }

async function submit(fields: Record<string, string>): Promise<{ status: number; html: string }> {
  const body = new URLSearchParams(fields)
  const response = await fetch(`${product.url}/subscribe`, { method: 'POST', body, redirect: 'manual' })
  expect(response.headers.getSetCookie()).toEqual([])
  return { status: response.status, html: await response.text() }
}

async function open(query = '', headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${product.url}/subscribe${query}`, { headers })
  expect(response.status).toBe(200)
  return response.text()
}

/** Past the age step: the form with the boxes. */
async function details(query = ''): Promise<string> {
  const { status, html } = await submit({ ...fieldsOf(await open(query)), ...OF_AGE })
  expect(status).toBe(200)
  return html
}

const registrations = async (): Promise<number> => {
  const { registration } = await dumpDatabase(product, 'registration')
  return registration?.length ?? 0
}

async function reword(description: string): Promise<void> {
  const texts = ['en', 'de'].map(locale => ({ locale, name: 'Weekly', description, cadence: 'every week' }))
  const mutation = `mutation ($id: ID, $input: TopicInput!) {
    topicSave(id: $id, input: $input) { topic { purpose { version } } userErrors { code } } }`
  const input = { slug: 'weekly', maxIssues: 1, perDays: 7, texts }
  await ok(product, mutation, { id: topic.id, input }, { token: admin.token })
}

describe('signing up without JavaScript', () => {
  test('age, choice, mail, button, done', async () => {
    const email = uniqueAddress()
    const age = await open()
    expect(age).not.toMatch(/name="(email|name)"/)
    expect(fieldsOf(age)).toMatchObject({ step: 'age', birthMonth: '', birthYear: '' })

    const form = await details()
    expect(boxesOf(form).map(({ name, checked }) => [name, checked])).toEqual([
      [WEEKLY, false],
      [PERSONAL, false],
    ])
    const sent = await submit({ ...ticked(form, WEEKLY, PERSONAL), email, name: 'Ada' })
    expect(sent.status).toBe(200)
    expect(sent.html).toContain('Check your inbox')
    expect(sent.html).not.toContain(email)

    const token = tokenIn(await waitForMail(product, email), 'c')
    expect(await (await fetch(`${product.url}/c/${token}`)).text()).toContain('Yes, send me Weekly')
    const done = await fetch(`${product.url}/c/${token}`, { method: 'POST' })
    expect(await done.text()).toContain('Done. You will get Weekly.')
    expect(await personOf(product, email)).toEqual({ email, name: 'Ada' })
  })

  test('a box that was left empty is kept as a no', async () => {
    const email = uniqueAddress()
    await submit({ ...ticked(await details(), WEEKLY), email })
    await fetch(`${product.url}/c/${tokenIn(await waitForMail(product, email), 'c')}`, { method: 'POST' })

    const events = await eventsOf(product, email)

    expect(events.map(({ toState }) => toState)).toEqual([
      'ConsentRequested',
      'ConsentGiven',
      'ConsentRefused',
    ])
  })

  test('pressing twice is one sign-up; going back, correcting the address and pressing again works', async () => {
    const [wrong, right] = [uniqueAddress(), uniqueAddress()]
    const fields = ticked(await details(), WEEKLY)

    for (const email of [wrong, wrong, right]) {
      const { status, html } = await submit({ ...fields, email })
      expect(status).toBe(200)
      expect(html).toContain('Check your inbox')
    }

    await waitForMail(product, right)
    await settled(product, wrong)
    expect(await registrationsOf(product, wrong)).toHaveLength(1)
    expect(mailsTo(product, wrong)).toHaveLength(1)
  })
})

describe('what is wrong is said in place with 422, and nothing is stored', () => {
  test.each([
    ['', '', 'Enter the month as a number from 1 to 12.'],
    ['13', '1990', 'Enter the month as a number from 1 to 12.'],
    ['5', '90', 'Enter the year with four digits.'],
    ['5', '3000', 'Enter the year with four digits.'],
    ['<b>', '"><script>alert(1)</script>', 'Enter the year with four digits.'],
  ])('month %j and year %j', async (birthMonth, birthYear, text) => {
    const { status, html } = await submit({ ...fieldsOf(await open()), birthMonth, birthYear })

    expect(status).toBe(422)
    expect(html).toContain('role="alert"')
    expect(html).toContain(text)
    expect(fieldsOf(html)).toMatchObject({ step: 'age', birthMonth, birthYear })
    expect(html).not.toMatch(/<script|<b>/)
  })

  test('an address that is none: what was entered and ticked is still there', async () => {
    const before = await registrations()
    const entered = { email: 'ada@', name: 'Ada "<i>" O’Hara' }

    const { status, html } = await submit({ ...ticked(await details(), WEEKLY), ...entered })

    expect(status).toBe(422)
    expect(html).toContain('Enter an e-mail address like name@example.org.')
    expect(fieldsOf(html)).toMatchObject(entered)
    expect(html).not.toContain('<i>')
    expect(boxesOf(html).map(({ checked }) => checked)).toEqual([true, false])
    expect(await registrations()).toBe(before)
    const mended = await submit({ ...fieldsOf(html), email: uniqueAddress() })
    expect(mended.status).toBe(200)
  })

  test('nothing ticked', async () => {
    const before = await registrations()
    const email = uniqueAddress()

    const { status, html } = await submit({ ...fieldsOf(await details()), email })

    expect(status).toBe(422)
    expect(html).toContain('Tick at least one newsletter.')
    expect(fieldsOf(html).email).toBe(email)
    expect(await registrations()).toBe(before)
  })

  test('words that changed meanwhile are shown, and their old ticks are not carried over', async () => {
    const email = uniqueAddress()
    const old = ticked(await details(), WEEKLY, PERSONAL)
    const description = `Now daily ${randomUUID()}`
    await reword(description)

    const { status, html } = await submit({ ...old, email, name: 'Ada' })

    expect(status).toBe(422)
    expect(html).toContain('Our wording changed while you were reading.')
    expect(html).toContain(description)
    expect(boxesOf(html).map(({ checked }) => checked)).toEqual([false, false])
    expect(fieldsOf(html)).toMatchObject({ email, name: 'Ada' })
    expect(await registrationsOf(product, email)).toEqual([])
    expect((await submit(ticked(html, WEEKLY))).html).toContain('Check your inbox')
    expect(await registrationsOf(product, email)).toHaveLength(1)
  })

  test.each(['', 'forged', '1.zzzzzzzz.AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'])(
    'the age pass %j leads back to the age step, which shows nothing of the rest',
    async agePass => {
      const email = uniqueAddress()
      for (const boxes of [[WEEKLY], []]) {
        const { status, html } = await submit({ ...ticked(await details(), ...boxes), email, agePass })

        expect(status).toBe(422)
        expect(fieldsOf(html)).toMatchObject({ step: 'age', birthMonth: '', birthYear: '' })
        expect(html).not.toContain(email)
      }
      expect(await registrationsOf(product, email)).toEqual([])
    },
  )

  test('a form of another kind or of 200 kB is taken for an empty age step', async () => {
    const fields = { ...ticked(await details(), WEEKLY), email: uniqueAddress() }
    const bodies = [new URLSearchParams({ ...fields, x: 'x'.repeat(200_000) }), JSON.stringify(fields), '']

    for (const body of bodies) {
      const response = await fetch(`${product.url}/subscribe`, { method: 'POST', body })
      expect(response.status).toBe(422)
      expect(fieldsOf(await response.text()).step).toBe('age')
    }
    expect(await registrationsOf(product, fields.email)).toEqual([])
  })
})

describe('German', () => {
  test.each<[string, string, Record<string, string>]>([
    ['by Accept-Language', '', { 'accept-language': 'fr;q=0.9, de-AT, en;q=0.5' }],
    ['by link', '?lang=de', { 'accept-language': 'en' }],
  ])('%s, to the end of the way', async (_what, query, headers) => {
    const email = uniqueAddress()
    const age = await open(query, headers)
    expect(age).toContain('<html lang="de"')

    const form = (await submit({ ...fieldsOf(age), ...OF_AGE })).html
    expect(form).toContain('<html lang="de"')
    const sent = await submit({ ...ticked(form, WEEKLY), email })
    expect(sent.html).toContain('<html lang="de"')

    const mail = await waitForMail(product, email)
    expect(mail.html).toContain('lang="de"')
    const page = await (await fetch(`${product.url}/c/${tokenIn(mail, 'c')}`)).text()
    expect(page).toContain('<html lang="de"')
    expect(await registrationsOf(product, email)).toMatchObject([{ locale: 'de' }])
  })

  test.each(['?lang=xx', '?lang=', '?lang[]=de', '?lang=../../etc'])('%s falls back', async query => {
    expect(await open(query)).toContain('<html lang="en"')
  })
})

test('a purpose that appears while the form is open is not decided', async () => {
  const email = uniqueAddress()
  const form = await details()
  const added = await makeTopic(product, admin, 'later', 'Later')

  expect((await submit({ ...ticked(form, WEEKLY), email })).status).toBe(200)
  const [registration] = await registrationsOf(product, email)
  const purposeIds = registration?.decisions.map(decision => decision.purposeId) ?? []
  const [later] = await product.connections.db.query('SELECT purpose_id FROM topic WHERE public_id = ?', [
    added.id,
  ])
  expect(purposeIds).toHaveLength(2)
  expect(purposeIds).not.toContain(later.purpose_id)
})
