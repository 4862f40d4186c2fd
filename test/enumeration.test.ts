import { makeStaff, makeTopic } from './support/actors'
import { addressDoors, addressesOfEachKind, KINDS } from './support/enumeration'
import { type Product, startProduct } from './support/product'
import { mannWhitney } from './torture/rank-test'
import { torturedBySignUps } from './torture/sign-ups'

/** Clock and chance: they say nothing about an address. */
const PER_REQUEST = ['date', 'x-request-id']
/** What an address in the answer makes longer or shorter. */
const OF_LENGTH = ['content-length', 'etag']

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

test.each(addressDoors)(
  '$name answers unknown, pending, known and suppressed addresses with the same bytes',
  async door => {
    const addresses = await addressesOfEachKind(product, 3)
    const send = await door.prepare(product)
    const answers: string[] = []
    for (const kind of KINDS)
      for (const email of addresses[kind]) {
        const { path, ...post } = send(email)
        const response = await fetch(product.url + path, { method: 'POST', ...post })
        const text = await response.text()
        // The form for the code goes on with the address that was given.
        const left = text.includes(email) ? [...PER_REQUEST, ...OF_LENGTH] : [...PER_REQUEST]
        const headers = [...response.headers].filter(([name]) => !left.includes(name))
        answers.push(JSON.stringify([response.status, headers, text.replaceAll(email, 'the address')]))
      }

    expect(answers[0]).toMatch(/^\[200,.*(accepted|Check your inbox|Enter the code)/s)
    expect(answers[0]).not.toContain('errors":[')
    expect(new Set(answers).size).toBe(1)
  },
)

test('thousands of sign-ups, scaled down: one mail to an address, five from a network', async () => {
  const { violations, figures } = await torturedBySignUps({ seed: 1, connections: 10, times: 60 })

  expect(violations).toEqual([])
  expect(figures).toMatchObject({ mailsToOneAddress: 1, attemptsToOneAddress: 1, mailsFromOneNetwork: 5 })
}, 180_000)

describe('the rank test behind `npm run torture -- enumeration`', () => {
  const spread = Array.from({ length: 200 }, (_, n) => (n * 7919) % 200)

  test('finds a shift and no difference where there is none', () => {
    const [one, other] = [spread.slice(0, 100), spread.slice(100)]
    expect(mannWhitney(one, other)).toBeGreaterThan(0.05)
    expect(
      mannWhitney(
        one,
        other.map(value => value + 60),
      ),
    ).toBeLessThan(0.001)
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(1)
  })

  test('agrees with the usual example', () => {
    // Six tortoises and six hares come in as T H H H H H T T T T T H: U is 11 and 25, z = 7 / sqrt(39).
    expect(mannWhitney([1, 7, 8, 9, 10, 11], [2, 3, 4, 5, 6, 12])).toBeCloseTo(0.2623, 3)
  })
})
