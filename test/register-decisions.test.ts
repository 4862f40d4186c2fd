import { randomUUID } from 'node:crypto'
import { publishPolicy } from '../src/consent/policies'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, register, registerInput, type Staff, uniqueAddress } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { dumpDatabase } from './support/dump'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { allSettled, noticesOf, registrationsOf, settled } from './support/rows'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const dump = () => dumpDatabase(product, 'registration', 'notice')

async function reword(): Promise<void> {
  const texts = ['en', 'de'].map(locale => ({
    locale,
    name: 'Weekly',
    description: randomUUID(),
    cadence: 'often',
  }))
  const input = { slug: 'weekly', maxIssues: 1, perDays: 7, texts }
  const { topicSave } = await ok(
    product,
    'mutation ($id: ID, $input: TopicInput!) { topicSave(id: $id, input: $input) { userErrors { code } } }',
    { id: topic.id, input },
    { token: admin.token },
  )
  expect(topicSave.userErrors).toEqual([])
}

const publish = (): Promise<number> =>
  transaction(product.connections.db, tx =>
    publishPolicy(
      tx,
      ['en', 'de'].map(locale => ({ locale, title: 'Privacy', markdown: `New ${randomUUID()}` })),
      { effectiveAt: new Date(), requiresReconsent: false },
    ),
  )

describe('decisions name what was shown', () => {
  test('a yes to words that have changed is refused with the current ones, and works with them', async () => {
    const input = await registerInput(product, ['topic:weekly'])
    await reword()
    const before = await dump()

    const [error] = (await register(product, input)).userErrors

    expect(error).toMatchObject({ __typename: 'StalePolicyError', code: 'STALE_POLICY' })
    expect(await dump()).toEqual(before)
    const decisions = error.currentPurposes.map((purpose: AnyData) => ({
      purposeKey: purpose.key,
      purposeVersion: purpose.version,
      granted: true,
    }))
    const again = { ...input, policyVersion: error.currentPolicy.version, decisions }
    expect(await register(product, again)).toMatchObject({ accepted: true, userErrors: [] })
  })

  test('a sign-up under a policy that has been replaced is refused with the current version', async () => {
    const input = await registerInput(product, ['topic:weekly'])
    const number = await publish()
    await allSettled(product)
    const before = await dump()

    const [error] = (await register(product, input)).userErrors

    expect(error).toMatchObject({ code: 'STALE_POLICY', field: ['input', 'policyVersion'] })
    expect(error.currentPolicy.version).toBe(String(number))
    expect(await dump()).toEqual(before)
  })

  test.each(['', '0', '1.0', '01', '999999', '../1'])(
    'the policy version %j is stale',
    async policyVersion => {
      const answer = await register(
        product,
        await registerInput(product, ['topic:weekly'], { policyVersion }),
      )

      expect(answer).toMatchObject({ accepted: false, userErrors: [{ code: 'STALE_POLICY' }] })
    },
  )

  test.each([-1, 0, 2_000_000_000])('the purpose version %d is stale', async purposeVersion => {
    const decisions = [{ purposeKey: 'topic:weekly', purposeVersion, granted: true }]
    const answer = await register(product, await registerInput(product, [], { decisions }))

    expect(answer).toMatchObject({ accepted: false, userErrors: [{ code: 'STALE_POLICY' }] })
  })

  test('an unknown purpose and one decided twice are named by their place', async () => {
    const input = await registerInput(product, ['topic:weekly'])
    const before = await dump()
    const unknown = { ...input.decisions[0], purposeKey: 'topic:none' }

    const withUnknown = await register(product, { ...input, decisions: [...input.decisions, unknown] })
    const twice = await register(product, { ...input, decisions: [...input.decisions, input.decisions[0]] })

    const last = String(input.decisions.length)
    expect(withUnknown.userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'decisions', last, 'purposeKey'] },
    ])
    expect(twice.userErrors).toMatchObject([
      { code: 'INVALID', field: ['input', 'decisions', last, 'purposeKey'] },
    ])
    expect(await dump()).toEqual(before)
  })

  test('a surface that does not exist is refused before anything runs', async () => {
    const input = await registerInput(product, ['topic:weekly'], { surface: 'CARRIER_PIGEON' })
    const query = 'mutation ($input: RegisterInput!) { readerRegister(input: $input) { accepted } }'

    expect(await graphql(product, query, { input })).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })
})

describe('the idempotency key', () => {
  test('the same request twice is one sign-up and one mail', async () => {
    const input = await registerInput(product, ['topic:weekly'])

    expect(await register(product, input)).toMatchObject({ accepted: true })
    expect(await register(product, input)).toMatchObject({ accepted: true, userErrors: [] })

    await waitForMail(product, input.email)
    await settled(product, input.email)
    expect(await registrationsOf(product, input.email)).toHaveLength(1)
    expect(await noticesOf(product, input.email)).toHaveLength(1)
    expect(mailsTo(product, input.email)).toHaveLength(1)
  })

  test.each([
    ['address', () => ({ email: uniqueAddress() })],
    ['name', () => ({ name: 'Mallory' })],
    ['choice', () => ({ decisions: [] })],
  ])('the same key with another %s is a mismatch and writes nothing', async (_what, change) => {
    const input = await registerInput(product, ['topic:weekly'])
    await register(product, input)
    await settled(product, input.email)
    const before = await dump()

    const answer = await register(product, { ...input, ...change() })

    expect(answer).toMatchObject({
      accepted: false,
      userErrors: [{ code: 'IDEMPOTENCY_MISMATCH', field: ['input', 'idempotencyKey'] }],
    })
    expect(await dump()).toEqual(before)
  })

  test('ten at once are one sign-up and one mail', async () => {
    const input = await registerInput(product, ['topic:weekly'])

    const answers = await Promise.all(Array.from({ length: 10 }, () => register(product, input)))

    expect(answers).toEqual(Array.from({ length: 10 }, () => answers[0]))
    expect(answers[0]).toMatchObject({ accepted: true, userErrors: [] })
    await waitForMail(product, input.email)
    await settled(product, input.email)
    expect(await registrationsOf(product, input.email)).toHaveLength(1)
    expect(mailsTo(product, input.email)).toHaveLength(1)
  })
})
