import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { AGE_PASS_MS, makeAgePass } from '../src/secrets/age-pass'
import { createKeyring, type Keyring } from '../src/secrets/keyring'
import { fromBase32, makeToken, type TokenPurpose, toBase32 } from '../src/secrets/token'
import { makeNewsletter, makeStaff, makeTopic, REGISTER, registerInput } from './support/actors'
import { graphql } from './support/api'
import { pending, post } from './support/confirming'
import { expectNoChange } from './support/dump'
import { readerWithLink } from './support/leaving'
import { type Product, startProduct } from './support/product'
import { registrationsOf } from './support/rows'

let product: Product
let old: string
let denied: string
/** A genuine reference for each purpose, of two persons. */
let references: Record<TokenPurpose, [Buffer, Buffer]>

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const stopWorker = product.startWorker()
  const admin = await makeStaff(product, 'ADMIN')
  const weekly = await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'monthly', 'Monthly')
  const { id } = await makeNewsletter(product, admin, weekly.id)
  const link = async () =>
    fromBase32((await readerWithLink(product, id)).token)?.subarray(1, 17) ?? Buffer.alloc(0)
  const waiting = async () =>
    (await registrationsOf(product, (await pending(product)).email))[0]?.reference ?? Buffer.alloc(0)
  const links: [Buffer, Buffer] = [await link(), await link()]
  references = {
    unsubscribe: links,
    preferences: links,
    delivery: links,
    confirm: [await waiting(), await waiting()],
    'staff-password': [randomBytes(16), randomBytes(16)],
    login: [randomBytes(16), randomBytes(16)],
    'email-change': [randomBytes(16), randomBytes(16)],
    renew: [randomBytes(16), randomBytes(16)],
    export: [randomBytes(16), randomBytes(16)],
    'lawful-disclosure': [randomBytes(16), randomBytes(16)],
  }
  ;[old, denied] = [(await pending(product)).token, (await pending(product)).token]
  // Its sweep would delete what is over.
  await stopWorker()
})
afterAll(() => product?.stop())

const PURPOSES: readonly TokenPurpose[] = [
  'confirm',
  'unsubscribe',
  'preferences',
  'delivery',
  'staff-password',
  'login',
  'email-change',
  'renew',
  'export',
  'lawful-disclosure',
]
const foreign = createKeyring([{ id: 1, secret: randomBytes(32) }], randomBytes(32))
const revoked = createKeyring([{ id: 77, secret: randomBytes(32) }], randomBytes(32))

const genuine = (keyring: Keyring, purpose: TokenPurpose, person: 0 | 1): string =>
  makeToken(keyring, purpose, references[purpose][person])

/** One byte of a genuine token is another. */
const mutated = (purpose: TokenPurpose): fc.Arbitrary<string> =>
  fc
    .record({
      person: fc.constantFrom(0 as const, 1 as const),
      at: fc.nat(32),
      by: fc.integer({ min: 1, max: 255 }),
    })
    .map(({ person, at, by }) => {
      const bytes = Buffer.from(fromBase32(genuine(product.connections.keyring, purpose, person)) ?? '')
      bytes.writeUInt8(bytes.readUInt8(at) ^ by, at)
      return toBase32(bytes)
    })

/** One letter of its spelling is another character, there is one more, or one less. */
const misspelt = (purpose: TokenPurpose): fc.Arbitrary<string> =>
  fc
    .record({ at: fc.nat(52), letter: fc.constantFrom(...'az27AZ018-_=.~'), taken: fc.nat(1) })
    .map(({ at, letter, taken }) => {
      const token = genuine(product.connections.keyring, purpose, 0)
      return { token, changed: token.slice(0, at) + letter + token.slice(at + taken) }
    })
    .filter(({ token, changed }) => token !== changed)
    .map(({ changed }) => changed)

/** The reference of one person with the proof for another. */
const swapped = (purpose: TokenPurpose): fc.Arbitrary<string> =>
  fc.constantFrom(0 as const, 1 as const).map(person => {
    const [head, tail] = [person, person === 0 ? 1 : 0].map(
      one => fromBase32(genuine(product.connections.keyring, purpose, one as 0 | 1)) ?? Buffer.alloc(0),
    )
    return toBase32(
      Buffer.concat([head?.subarray(0, 17) ?? Buffer.alloc(0), tail?.subarray(17) ?? Buffer.alloc(0)]),
    )
  })

/** Everything that is no token for this purpose, however near it comes. */
const forged = (purpose: TokenPurpose): fc.Arbitrary<string> => {
  const others = PURPOSES.filter(one => one !== purpose)
  const { keyring } = product.connections
  return fc.oneof(
    mutated(purpose),
    misspelt(purpose),
    swapped(purpose),
    fc.constantFrom(...others).map(other => genuine(keyring, other, 0)),
    fc.constantFrom(foreign, revoked).map(ring => genuine(ring, purpose, 0)),
    fc.uint8Array({ minLength: 33, maxLength: 33 }).map(toBase32),
    fc.string({ minLength: 1, maxLength: 80 }).filter(text => !/^\.{1,2}$/.test(text)),
  )
}

const page = async (response: Promise<Response>): Promise<string> => {
  const { status, headers } = await response
  const names = [...headers.keys()].filter(name => name !== 'date').sort()
  return `${status} ${names.join()} ${await (await response).text()}`
}

const runs = { numRuns: 120 }

test.each<[door: string, purpose: TokenPurpose, doors: ((token: string) => Promise<Response>)[]]>([
  [
    '/u/TOKEN',
    'unsubscribe',
    [
      token => post(product, `/u/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/u/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/c/TOKEN',
    'confirm',
    [
      token => post(product, `/c/${encodeURIComponent(token)}`),
      token => post(product, `/c/${encodeURIComponent(token)}/deny`),
      token => fetch(`${product.url}/c/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/a/TOKEN',
    'renew',
    [
      token => post(product, `/a/${encodeURIComponent(token)}`),
      token => post(product, `/a/${encodeURIComponent(token)}/stop`),
      token => fetch(`${product.url}/a/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/s/TOKEN',
    'staff-password',
    [
      token => post(product, `/s/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/s/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/p/TOKEN',
    'preferences',
    [
      token => post(product, `/p/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/p/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/e/TOKEN',
    'email-change',
    [
      token => post(product, `/e/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/e/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/l/TOKEN',
    'login',
    [
      token => post(product, `/l/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/l/${encodeURIComponent(token)}`),
    ],
  ],
  [
    '/export/TOKEN',
    'export',
    [
      token => post(product, `/export/${encodeURIComponent(token)}`),
      token => fetch(`${product.url}/export/${encodeURIComponent(token)}`),
    ],
  ],
])('%s refuses whatever is no token for it with one and the same answer', async (_, purpose, doors) => {
  await expectNoChange(product, async () => {
    const refusal = await page((doors[0] as (token: string) => Promise<Response>)('x'))
    expect(refusal).toMatch(/^404 /)
    await fc.assert(
      fc.asyncProperty(forged(purpose), async token => {
        for (const door of doors) expect(await page(door(token))).toBe(refusal)
      }),
      runs,
    )
  })
})

/** Every public field that takes the token of a mailed link, with the purposes it knows. */
const byToken: Record<string, [operation: string, purposes: readonly TokenPurpose[]]> = {
  readerConfirm: ['readerConfirm(token: $token) { userErrors { code message field } }', ['confirm']],
  registrationDeny: ['registrationDeny(token: $token) { userErrors { code message field } }', ['confirm']],
  emailChangeConfirm: [
    'emailChangeConfirm(token: $token) { userErrors { code message field } }',
    ['email-change'],
  ],
  unsubscribe: [
    'unsubscribe(input: { token: $token, scope: TOPIC }) { alreadyPassed userErrors { code message field } }',
    ['unsubscribe'],
  ],
  topicPreferenceSave: [
    `topicPreferenceSave(input: { token: $token, topicSlug: "weekly", frequency: AT_MOST_MONTHLY }) {
      alreadyPassed userErrors { code message field } }`,
    ['unsubscribe', 'preferences'],
  ],
  subscriptionsPause: [
    `subscriptionsPause(input: { token: $token, until: "${new Date(Date.now() + 86_400_000).toISOString()}" }) {
      alreadyPassed userErrors { code message field } }`,
    ['unsubscribe', 'preferences'],
  ],
  subscriptionsResume: [
    'subscriptionsResume(token: $token) { alreadyPassed userErrors { code message field } }',
    ['unsubscribe', 'preferences'],
  ],
  consentSave: [
    `consentSave(input: { token: $token, policyVersion: "1", surface: MOBILE_APP, method: SAVE_CHOICES
      decisions: [{ purposeKey: "topic:weekly", purposeVersion: 1, granted: false }] }) {
      alreadyPassed userErrors { code message field } }`,
    ['unsubscribe', 'preferences'],
  ],
}

test.each(Object.entries(byToken))(
  '%s refuses whatever is no token for it with one and the same answer',
  async (_, [operation, purposes]) => {
    const query = `mutation ($token: String!) { ${operation} }`
    const answer = async (token: string) => JSON.stringify(await graphql(product, query, { token }))
    const [purpose = 'confirm'] = purposes
    const { keyring } = product.connections
    const good = new Set(purposes.map(one => genuine(keyring, one, 0)))
    await expectNoChange(product, async () => {
      const refusal = await answer('x')
      expect(refusal).toContain('"TOKEN_INVALID"')
      for (const token of ['', ' ', 'x'.repeat(10_000)]) expect(await answer(token)).toBe(refusal)
      await fc.assert(
        fc.asyncProperty(
          forged(purpose).filter(token => !good.has(token)),
          async token => {
            expect(await answer(token)).toBe(refusal)
          },
        ),
        { numRuns: 60 },
      )
    })
  },
)

test('linkToken tells of no token but those of mailed links, and the same of all others', async () => {
  const shown: readonly TokenPurpose[] = ['confirm', 'unsubscribe', 'preferences', 'login', 'email-change']
  const query = 'query ($token: String!) { linkToken(token: $token) { purpose } }'
  const { keyring } = product.connections
  await expectNoChange(product, async () => {
    for (const purpose of PURPOSES) {
      const { data, errors } = await graphql(product, query, { token: genuine(keyring, purpose, 0) })
      const told = data?.linkToken.purpose ?? errors?.[0]?.extensions.code
      expect([purpose, told]).toEqual([
        purpose,
        shown.includes(purpose) ? purpose.toUpperCase().replace('-', '_') : 'NOT_FOUND',
      ])
    }
    for (const token of ['', 'x', 'x'.repeat(10_000), genuine(foreign, 'confirm', 0)])
      expect((await graphql(product, query, { token })).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })
})

test('links that are genuine but over get one and the same answer: too old, denied, or of a request that is gone', async () => {
  const { keyring, db } = product.connections
  await db.query('UPDATE registration SET expires_at = UTC_TIMESTAMP(3) WHERE reference = ?', [
    fromBase32(old)?.subarray(1, 17),
  ])
  await post(product, `/c/${denied}/deny`)
  const gone = makeToken(keyring, 'confirm', randomBytes(16))

  await expectNoChange(product, async () => {
    const pages = new Set<string>()
    for (const token of [old, denied, gone])
      for (const answer of [fetch(`${product.url}/c/${token}`), post(product, `/c/${token}`)])
        pages.add(await page(answer))
    expect(pages.size).toBe(1)
    expect([...pages][0]).toMatch(/^410 /)
  })
})

test('an age pass that is mutated, foreign, of a revoked key or over is refused like none at all', async () => {
  const input = await registerInput(product, ['topic:weekly'])
  const now = new Date()
  const pass = makeAgePass(product.connections.keyring, now)
  const others = [
    makeAgePass(foreign, now),
    makeAgePass(revoked, now),
    makeAgePass(product.connections.keyring, new Date(now.getTime() - AGE_PASS_MS - 1000)),
    genuine(product.connections.keyring, 'confirm', 0),
  ]
  const changed = fc
    .record({ at: fc.nat(pass.length - 1), letter: fc.constantFrom(...'aZ09.-_=') })
    .map(({ at, letter }) => pass.slice(0, at) + letter + pass.slice(at + 1))
    .filter(text => text !== pass)
  const answerTo = async (agePass: string) =>
    JSON.stringify(await graphql(product, REGISTER, { input: { ...input, agePass } }))

  await expectNoChange(product, async () => {
    const refusal = await answerTo('x')
    expect(refusal).toContain('"TOKEN_INVALID"')
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, fc.constantFrom(...others)), async agePass => {
        expect(await answerTo(agePass)).toBe(refusal)
      }),
      runs,
    )
  })
})
