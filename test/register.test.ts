import { randomBytes } from 'node:crypto'
import {
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  tokenIn,
} from './support/actors'
import { dumpDatabase } from './support/dump'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { backdateNotices, personOf, readerOf, settled } from './support/rows'

const TWO_DAYS = 2 * 24 * 60
let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const confirmMail = async (email: string, n: number): Promise<void> => {
  const token = tokenIn(await waitForMail(product, email, n), 'c')
  const answer = await fetch(`${product.url}/c/${token}`, { method: 'POST' })
  expect(answer.status).toBe(200)
}

describe('who is asking shows nothing of who is known', () => {
  test('a known reader registered again with everything refused is not touched and gets no mail', async () => {
    const { email } = await makeReader(product, ['topic:weekly', 'personalisation'], { name: 'Ada' })
    await backdateNotices(product, email, TWO_DAYS)
    const before = await dumpDatabase(product, 'reader', 'consent', 'consent_event', 'suppression')

    const spelledOtherwise = email.replace('reader', 'READER').replace('example.org', 'Example.ORG')
    const input = await registerInput(product, [], { email: spelledOtherwise, name: 'Mallory', locale: 'de' })
    expect(await register(product, input)).toMatchObject({ accepted: true, userErrors: [] })
    const notices = await settled(product, email)

    expect(notices.at(-1)).toMatchObject({ state: 'cancelled', outcome: 'NOTHING_TO_ADD' })
    expect(mailsTo(product, email)).toHaveLength(1)
    expect(await dumpDatabase(product, 'reader', 'consent', 'consent_event', 'suppression')).toEqual(before)
  })

  test('registering again under another name adds the new yes and keeps name, language and every earlier yes', async () => {
    await makeTopic(product, admin, 'monthly')
    const { email } = await makeReader(product, ['topic:weekly'], { name: 'Ada', timeZone: 'Europe/Berlin' })
    await backdateNotices(product, email, TWO_DAYS)
    const before = await readerOf(product, email)

    const again = { email, name: 'Mallory', locale: 'de', timeZone: 'America/New_York' }
    await register(product, await registerInput(product, ['topic:monthly'], again))
    expect(await readerOf(product, email)).toEqual(before)
    await confirmMail(email, 2)

    expect(await personOf(product, email)).toEqual({ email, name: 'Ada' })
    const after = await readerOf(product, email)
    expect(after).toEqual({ ...before, version: before.version + 1 })
    const { consent } = await dumpDatabase(product, 'consent')
    const states = consent?.map(row => JSON.parse(row)).filter(row => row.reader_id === after.id)
    expect(states?.map(row => row.state).sort()).toEqual(['ConsentGiven', 'ConsentGiven', 'ConsentRefused'])
  })

  test.each([
    ['capitals', (id: string) => `Ada.Lovelace-${id}@Example.ORG`],
    ['an international domain', (id: string) => `ada-${id}@bücher.example`],
    [
      'a domain that is long in its own script',
      (id: string) => `ada-${id}@${`${'你'.repeat(50)}.`.repeat(3)}example`,
    ],
  ])('an address with %s gets its mail at the canonical address', async (_what, spelled) => {
    const email = spelled(randomBytes(4).toString('hex'))
    const canonical = new URL(`http://${email.split('@')[1]}`).hostname

    expect(await register(product, await registerInput(product, ['topic:weekly'], { email }))).toMatchObject({
      accepted: true,
    })
    await confirmMail(`${email.split('@')[0]?.toLowerCase()}@${canonical}`, 1)

    expect((await readerOf(product, email)).domain).toBe(canonical)
  })
})
