import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { makeAgePass } from '../src/secrets/age-pass'
import { createKeyring } from '../src/secrets/keyring'
import { agePass, makeStaff, makeTopic, REGISTER, register, registerInput } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { dumpDatabase } from './support/dump'
import { type Product, startProduct } from './support/product'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

/** Nothing may have been written by what `work` does. */
async function expectNothingStored(work: () => Promise<void>): Promise<void> {
  const before = await dumpDatabase(product, 'registration', 'notice', 'reader', 'consent_event')
  await work()
  expect(await dumpDatabase(product, 'registration', 'notice', 'reader', 'consent_event')).toEqual(before)
}

describe('what is not right is refused and stored nowhere', () => {
  test.each([
    ['nothing', '', 'REQUIRED'],
    ['only spaces', '   ', 'REQUIRED'],
    ['a quoted local part', '"x@gmail.com x"@internal.domain', 'INVALID'],
    ['a comment', 'user@good.com(x)evil.com', 'INVALID'],
    ['a header after CR LF', 'a@example.org\r\nBcc: b@example.org', 'INVALID'],
    ['a line feed', 'a@example.org\n', 'INVALID'],
    ['two addresses', 'a@example.org, b@example.org', 'INVALID'],
    ['a right-to-left override', 'a\u202e@example.org', 'INVALID'],
    [
      '255 octets',
      `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(54)}.example`,
      'INVALID',
    ],
    ['40,000 octets', `a@${'b.'.repeat(20_000)}org`, 'INVALID'],
  ])('an address with %s is not taken', async (_what, email, code) => {
    const input = await registerInput(product, ['topic:weekly'], { email })

    await expectNothingStored(async () => {
      const answer = await register(product, input)
      expect(answer.accepted).toBe(false)
      expect(answer.userErrors).toMatchObject([{ code, field: ['input', 'email'] }])
    })
  })

  test('no address with anything outside the grammar is taken, and none is told back', async () => {
    const hostile = fc.constantFrom(...'\r\n\t\0"(),:;<>[\\]\u0085\u00a0\u061c\u200b\u200e\u2028\u202e\ufeff')
    const at = fc.nat({ max: 20 })
    const input = await registerInput(product, ['topic:weekly'])

    await expectNothingStored(() =>
      fc.assert(
        fc.asyncProperty(hostile, at, async (letter, index) => {
          const text = 'canary.reader@example.org'
          const email = `${text.slice(0, index)}${letter}${text.slice(index)}`
          const answer = await graphql(product, REGISTER, { input: { ...input, email } })
          expect(answer.data.readerRegister.userErrors).toMatchObject([
            { code: 'INVALID', field: ['input', 'email'] },
          ])
          expect(JSON.stringify(answer)).not.toContain('canary')
        }),
        { numRuns: 80 },
      ),
    )
  })

  test.each([
    ['101 letters', 'a'.repeat(101), 'TOO_LONG'],
    ['a line break', 'Ada\nBcc: x@example.org', 'INVALID'],
    ['a NUL', 'A\0da', 'INVALID'],
    ['U+0085', 'A\u0085da', 'INVALID'],
    ['a line separator', 'A\u2028da', 'INVALID'],
    ['a right-to-left override', 'A\u202eda', 'INVALID'],
    ['an Arabic letter mark', 'A\u061cda', 'INVALID'],
  ])('a name with %s is refused', async (_what, name, code) => {
    const input = await registerInput(product, ['topic:weekly'], { name })

    await expectNothingStored(async () => {
      expect((await register(product, input)).userErrors).toMatchObject([{ code, field: ['input', 'name'] }])
    })
  })

  test('everything wrong with a form is told at once', async () => {
    const wrong = { email: 'nobody', name: 'a'.repeat(101), idempotencyKey: 'short' }

    await expectNothingStored(async () => {
      const answer = await register(product, await registerInput(product, ['topic:weekly'], wrong))
      expect(answer.userErrors.map((error: AnyData) => error.field.at(-1))).toEqual([
        'email',
        'name',
        'idempotencyKey',
      ])
    })
  })
})

describe('the age pass', () => {
  const otherKeys = createKeyring([{ id: 1, secret: randomBytes(32) }], randomBytes(32))
  const passes: [string, () => Promise<string> | string][] = [
    ['none', () => ''],
    [
      'one of 31 minutes ago',
      () => makeAgePass(product.connections.keyring, new Date(Date.now() - 31 * 60_000)),
    ],
    ['one made with other keys', () => makeAgePass(otherKeys, new Date())],
    ['one cut short', async () => (await agePass(product)).slice(0, -1)],
    ['one with something after it', async () => `${await agePass(product)}=`],
    ['one of an unknown key', async () => (await agePass(product)).replace(/^1\./, '2.')],
    ['one made to last', async () => (await agePass(product)).replace(/\.\w+\./, `.${(9e12).toString(36)}.`)],
  ]

  test.each(passes)('%s is refused before anything else is looked at', async (_what, make) => {
    const input = await registerInput(product, ['topic:unknown'], { email: 'nobody', agePass: await make() })

    await expectNothingStored(async () => {
      expect((await register(product, input)).userErrors).toMatchObject([
        { code: 'TOKEN_INVALID', field: ['input', 'agePass'] },
      ])
    })
  })

  test('a pass with any one letter changed is refused', async () => {
    const input = await registerInput(product, ['topic:weekly'])
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'

    await expectNothingStored(() =>
      fc.assert(
        fc.asyncProperty(
          fc.nat({ max: input.agePass.length - 1 }),
          fc.constantFrom(...letters),
          async (index, letter) => {
            fc.pre(letter !== input.agePass[index])
            const changed = input.agePass.slice(0, index) + letter + input.agePass.slice(index + 1)
            const answer = await register(product, { ...input, agePass: changed })
            expect(answer.userErrors).toMatchObject([{ code: 'TOKEN_INVALID' }])
          },
        ),
        {
          numRuns: 60,
          examples: [
            [input.agePass.length - 1, 'A'],
            [input.agePass.length - 1, 'B'],
          ],
        },
      ),
    )
  })
})
