import fc from 'fast-check'
import { SuppressionReason } from '../src/entities/suppression'
import {
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  tokenIn,
  uniqueAddress,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { until } from './support/checker'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { backdateNotices, noticesOf, settled, suppressAddress, suppressionsOf } from './support/rows'

const HOUR = 60
const DAY = 24 * HOUR
let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

/** Each returns how many mails the address has in all when everything has settled. */
async function signUp(email: string): Promise<number> {
  const answer = await register(product, await registerInput(product, ['topic:weekly'], { email }))
  expect(answer).toEqual({ accepted: true, retryAfterSeconds: null, userErrors: [] })
  await settled(product, email)
  return mailsTo(product, email).length
}

async function askAgain(email: string): Promise<number> {
  const { confirmationResend } = await ok(
    product,
    'mutation ($input: EmailInput!) { confirmationResend(input: $input) { accepted userErrors { code } } }',
    { input: { email } },
  )
  expect(confirmationResend).toEqual({ accepted: true, userErrors: [] })
  await settled(product, email)
  return mailsTo(product, email).length
}

const confirm = async (email: string, n: number): Promise<AnyData> => {
  const token = tokenIn(await waitForMail(product, email, n), 'c')
  const mutation = `mutation ($token: String!) {
    readerConfirm(token: $token) { reader { id status } userErrors { code } } }`
  return (await ok(product, mutation, { token })).readerConfirm
}

describe('how many confirmation mails an address can get', () => {
  test('one in 24 hours, however often it is signed up', async () => {
    const email = uniqueAddress()

    expect(await signUp(email)).toBe(1)
    expect(await signUp(email)).toBe(1)
    await backdateNotices(product, email, DAY - 1)
    expect(await signUp(email)).toBe(1)
    await backdateNotices(product, email, 2)
    expect(await signUp(email)).toBe(2)
  })

  test('ten sign-ups at once are one mail', async () => {
    const email = uniqueAddress()
    const inputs = await Promise.all(
      Array.from({ length: 10 }, () => registerInput(product, ['topic:weekly'], { email })),
    )

    await Promise.all(inputs.map(input => register(product, input)))

    await settled(product, email)
    expect(mailsTo(product, email)).toHaveLength(1)
  })

  test('of ten sign-ups for an address whose server says "later", one is tried again', async () => {
    const email = uniqueAddress().replace('reader', '450-rcpt.reader')
    for (let n = 1; n <= 10; n++)
      await register(product, await registerInput(product, ['topic:weekly'], { email }))
    const states = async () => (await noticesOf(product, email)).map(({ state, outcome }) => outcome ?? state)
    await until(async () => !(await states()).includes('queued'), 'every notice was looked at')

    expect((await states()).sort()).toEqual([expect.stringMatching(/^4/), ...Array(9).fill('BUDGET')])
    expect(product.sink.commands.filter(command => command.includes(email))).toHaveLength(1)
  })

  test('asked for again: none before 15 minutes, then exactly one more with the same link', async () => {
    const email = uniqueAddress()

    expect(await signUp(email)).toBe(1)
    expect(await askAgain(email)).toBe(1)
    await backdateNotices(product, email, 14)
    expect(await askAgain(email)).toBe(1)
    await backdateNotices(product, email, 2)
    expect(await askAgain(email)).toBe(2)
    await backdateNotices(product, email, 16)
    expect(await askAgain(email)).toBe(2)

    const [first, second] = [await waitForMail(product, email, 1), await waitForMail(product, email, 2)]
    expect(tokenIn(second, 'c')).toBe(tokenIn(first, 'c'))
    expect(second.headers.get('message-id')).not.toBe(first.headers.get('message-id'))
  })

  test('three in 30 days', async () => {
    const email = uniqueAddress()

    for (const mails of [1, 2, 3, 3, 3]) {
      expect(await signUp(email)).toBe(mails)
      await backdateNotices(product, email, DAY + 1)
    }
    await backdateNotices(product, email, 26 * DAY)

    expect(await signUp(email)).toBe(4)
  })

  test('no order of signing up, asking again and waiting gets more', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('signUp' as const, 'askAgain' as const) },
      { weight: 2, arbitrary: fc.constantFrom(5, 16, 6 * HOUR, DAY + 1, 8 * DAY) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async steps => {
        const email = uniqueAddress()
        for (const one of steps) {
          if (typeof one === 'number') await backdateNotices(product, email, one)
          else if (one === 'signUp') await signUp(email)
          else await askAgain(email)
          const ages = await agesOfSent(email)
          expect(ages.filter(age => age < 30 * DAY).length).toBeLessThanOrEqual(3)
          expect(ages.filter(age => age < DAY).length).toBeLessThanOrEqual(2)
          expect(ages.filter(age => age < 14).length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 12 },
    )
  })

  test('asking again for an address nobody signed up, or that is confirmed, sends nothing', async () => {
    const unknown = uniqueAddress()
    const { email } = await makeReader(product, ['topic:weekly'])
    await backdateNotices(product, email, 2 * DAY)

    expect(await askAgain(unknown)).toBe(0)
    expect(await askAgain(email)).toBe(1)
  })
})

/** Minutes since each notice that was sent. */
async function agesOfSent(email: string): Promise<number[]> {
  const notices = await noticesOf(product, email)
  return notices.filter(({ state }) => state === 'sent').map(({ at }) => (Date.now() - at.getTime()) / 60_000)
}

describe('suppressed addresses', () => {
  test.each([SuppressionReason.COMPLAINT, SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL])(
    'after %s a sign-up is answered as always and no mail goes',
    async reason => {
      const email = uniqueAddress()
      await suppressAddress(product, email, reason)

      expect(await signUp(email)).toBe(0)
      expect(await askAgain(email)).toBe(0)
      expect(await suppressionsOf(product, email)).toEqual([reason])
    },
  )

  test('a link mailed before a complaint confirms nothing any more', async () => {
    const email = uniqueAddress()
    await signUp(email)
    await suppressAddress(product, email, SuppressionReason.COMPLAINT)

    expect(await confirm(email, 1)).toMatchObject({ reader: null, userErrors: [{ code: 'SUPPRESSED' }] })
    expect(await suppressionsOf(product, email)).toEqual([SuppressionReason.COMPLAINT])
  })

  test('who stopped everything may ask for one confirmation, and only its POST lifts the suppression', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await suppressAddress(product, email, SuppressionReason.UNSUBSCRIBED_ALL)
    await backdateNotices(product, email, 2 * DAY)

    expect(await signUp(email)).toBe(2)
    const token = tokenIn(await waitForMail(product, email, 2), 'c')
    expect((await fetch(`${product.url}/c/${token}`)).status).toBe(200)
    expect(await suppressionsOf(product, email)).toEqual([SuppressionReason.UNSUBSCRIBED_ALL])

    expect(await confirm(email, 2)).toMatchObject({ reader: { status: 'ACTIVE' }, userErrors: [] })
    expect(await suppressionsOf(product, email)).toEqual([])
  })

  test('a link mailed before the person stopped everything no longer confirms', async () => {
    const email = uniqueAddress()
    await signUp(email)
    await suppressAddress(product, email, SuppressionReason.UNSUBSCRIBED_ALL)

    expect(await confirm(email, 1)).toMatchObject({ reader: null, userErrors: [{ code: 'TOKEN_EXPIRED' }] })
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
  })

  test('a complaint is not lifted by the confirmation that lifts "stopped everything"', async () => {
    const email = uniqueAddress()
    await suppressAddress(product, email, SuppressionReason.UNSUBSCRIBED_ALL)
    await signUp(email)
    await suppressAddress(product, email, SuppressionReason.MANUAL)

    expect(await confirm(email, 1)).toMatchObject({ reader: null })
    expect((await suppressionsOf(product, email)).sort()).toEqual(['MANUAL', 'UNSUBSCRIBED_ALL'])
  })
})
