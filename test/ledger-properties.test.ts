import fc from 'fast-check'
import { confirm } from '../src/consent/confirm'
import { type ConsentFact, readLedger, recordFacts } from '../src/consent/ledger'
import { currentPolicy } from '../src/consent/policies'
import type { Proof } from '../src/consent/proof'
import { isSendable } from '../src/consent/proof'
import { shownPurposes } from '../src/consent/purposes'
import { touchReader } from '../src/consent/readers'
import { subscribe } from '../src/consent/subscribe'
import { suppress } from '../src/consent/suppress'
import { verifyLedger } from '../src/consent/verify-ledger'
import { withdraw } from '../src/consent/withdraw'
import { Consent } from '../src/entities/consent'
import { ConsentEvent, ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import { createLedgerSigner } from '../src/secrets/ledger-signer'
import { makeToken } from '../src/secrets/token'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, uniqueAddress } from './support/actors'
import { type Product, startProduct } from './support/product'
import { hashOfAddress } from './support/rows'

const MINUTE = 60_000
const HEX = 'ab'.repeat(32)

let product: Product
/** What is shown for each purpose now. */
let shown: Pick<
  ConsentFact,
  'purposeId' | 'purposeVersionId' | 'wordingHash' | 'policyVersionId' | 'policyNumber' | 'policyHash'
>[]

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const admin = await makeStaff(product, 'ADMIN')
  for (const slug of ['weekly', 'monthly']) await makeTopic(product, admin, slug)
  const { manager } = product.connections.db
  const policy = await currentPolicy(manager, 'en', ['en'])
  shown = (await shownPurposes(manager, 'en', ['en'])).map(({ purpose, words }) => ({
    purposeId: purpose.id,
    purposeVersionId: words.id,
    wordingHash: words.wordingHash,
    policyVersionId: policy.id,
    policyNumber: policy.number,
    policyHash: policy.hash,
  }))
})
afterAll(() => product?.stop())

/** One reader as a bystander would keep account of: what may be sent, what was ever asked, ever given, blocked. */
class Account {
  readonly email = uniqueAddress()
  readonly sendable = new Set<number>()
  readonly asked = new Set<number>()
  readonly given = new Set<number>()
  isBlocked = false
  isConfirmed = false

  yes(purposeId: number): void {
    for (const set of [this.sendable, this.asked, this.given]) set.add(purposeId)
  }
}

const readerOf = (account: Account) =>
  product.connections.db.manager.findOneBy(Reader, { addressHash: hashOfAddress(product, account.email) })

/** A double opt-in by mail, with a yes to the purposes whose bit is set. */
async function signUp(account: Account, bits: number): Promise<void> {
  const { db, keyring } = product.connections
  const decisions = shown.map(({ purposeId, purposeVersionId }, index) => ({
    purposeId,
    purposeVersionId,
    granted: (bits & (1 << index)) > 0,
  }))
  const recorded = await transaction(db, tx =>
    subscribe(tx, keyring, {
      address: { canonical: account.email },
      name: null,
      locale: 'en',
      timeZone: null,
      policyVersionId: shown[0]?.policyVersionId ?? 0,
      decisions,
      surface: ConsentSurface.WEB_FORM,
      agePassed: 13,
      idempotencyKey: uniqueAddress(),
    }),
  )
  if (recorded.kind !== 'recorded') throw new Error(recorded.kind)
  const token = makeToken(keyring, 'confirm', recorded.registration.reference)
  const answer = await transaction(db, tx => confirm(tx, keyring, token))
  expect(answer.kind).toBe(account.isBlocked ? 'suppressed' : 'confirmed')
  if (account.isBlocked) return
  for (const { purposeId, granted } of decisions) {
    if (granted) account.yes(purposeId)
    else if (!account.isConfirmed) account.asked.add(purposeId)
  }
  account.isConfirmed = true
}

async function leave(account: Account, which: number | 'all'): Promise<void> {
  const reader = await readerOf(account)
  if (!reader) return
  const purposeId = which === 'all' ? undefined : shown[which]?.purposeId
  await transaction(product.connections.db, tx =>
    withdraw(tx, {
      readerId: reader.id,
      scope: purposeId === undefined ? 'all' : { purposeId },
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId: null,
    }),
  )
  if (purposeId === undefined) account.sendable.clear()
  else account.sendable.delete(purposeId)
}

async function block(account: Account): Promise<void> {
  const hash = hashOfAddress(product, account.email)
  await transaction(product.connections.db, tx =>
    suppress(tx, hash, SuppressionReason.MANUAL, { newsletterId: null, note: null }),
  )
  account.isBlocked = true
}

/** Writes one fact as a verb would; answers whether the ledger took it. */
async function write(account: Account, index: number, fact: Partial<ConsentFact>): Promise<boolean> {
  const reader = await readerOf(account)
  const words = shown[index]
  if (!reader || !words) return false
  const at = new Date()
  const whole: ConsentFact = {
    ...words,
    toState: 'ConsentGiven',
    surface: ConsentSurface.PREFERENCE_PAGE,
    method: ConsentMethod.SINGLE_TOGGLE,
    actor: 'READER',
    at,
    evidence: {},
    ...fact,
  }
  try {
    await transaction(product.connections.db, async tx => {
      await touchReader(tx, reader.id)
      await recordFacts(tx, reader, await readLedger(tx, reader), [whole])
    })
    return true
  } catch (error) {
    expect(String(error)).toMatch(/^Error: \w+ by \w+ /)
    return false
  }
}

async function code(account: Account, index: number, minutes: number, isRenewal: boolean): Promise<void> {
  const purposeId = shown[index]?.purposeId ?? 0
  const at = new Date()
  const proof: Proof = { kind: 'CODE', code: HEX, provedAt: new Date(at.getTime() - minutes * MINUTE) }
  const toState = isRenewal ? 'RenewedConsentGiven' : 'ConsentGiven'
  const isFresh = minutes >= 0 && minutes <= 30 && (!isRenewal || account.given.has(purposeId))
  expect(await write(account, index, { toState, at, proof })).toBe(isFresh && account.isConfirmed)
  if (isFresh && account.isConfirmed) account.yes(purposeId)
}

async function bringIn(account: Account, index: number): Promise<void> {
  const purposeId = shown[index]?.purposeId ?? 0
  const proof: Proof = { kind: 'IMPORT', source: HEX, collectedAt: new Date(Date.now() - 1000 * MINUTE) }
  const taken = await write(account, index, { surface: ConsentSurface.IMPORT, actor: 'ADMIN', proof })
  expect(taken).toBe(account.isConfirmed && !account.asked.has(purposeId))
  if (taken) account.yes(purposeId)
}

async function end(account: Account, index: number): Promise<void> {
  const taken = await write(account, index, { toState: 'ConsentExpired', actor: 'SYSTEM' })
  if (!taken) return
  const purposeId = shown[index]?.purposeId ?? 0
  account.sendable.delete(purposeId)
  account.asked.add(purposeId)
}

/** Ways to a yes without a double opt-in: none is one. */
const unproved: Partial<ConsentFact>[] = [
  {},
  { method: ConsentMethod.CONFIRM_LINK },
  { toState: 'RenewedConsentGiven' },
  { proof: { kind: 'LINK' } },
  { method: ConsentMethod.ACCEPT_ALL, surface: ConsentSurface.COOKIE_BANNER },
  { actor: 'ADMIN', proof: { kind: 'CODE', code: HEX, provedAt: new Date() } },
  { proof: { kind: 'CODE', code: 'no hash', provedAt: new Date() } },
  { proof: { kind: 'IMPORT', source: HEX, collectedAt: new Date(0) } },
  { surface: ConsentSurface.IMPORT, proof: { kind: 'IMPORT', source: 'no hash', collectedAt: new Date(0) } },
  { surface: ConsentSurface.IMPORT, proof: { kind: 'IMPORT', source: HEX, collectedAt: new Date(4e12) } },
  { toState: 'ConsentRefused', proof: { kind: 'LINK' }, method: ConsentMethod.CONFIRM_LINK },
]

type Act = (account: Account) => Promise<void>
const index = fc.nat({ max: 2 })
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.nat({ max: 7 }).map(
      (bits): Act =>
        account =>
          signUp(account, bits),
    ),
  },
  {
    weight: 4,
    arbitrary: index.map(
      (which): Act =>
        account =>
          leave(account, which),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Act>(account => leave(account, 'all')) },
  { weight: 1, arbitrary: fc.constant<Act>(account => block(account)) },
  {
    weight: 4,
    arbitrary: fc.tuple(index, fc.integer({ min: -2, max: 40 }), fc.boolean()).map(
      (one): Act =>
        account =>
          code(account, ...one),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map(
      (which): Act =>
        account =>
          bringIn(account, which),
    ),
  },
  {
    weight: 2,
    arbitrary: index.map(
      (which): Act =>
        account =>
          end(account, which),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(index, fc.constantFrom(...unproved)).map(
      ([which, fact]): Act =>
        async account =>
          expect(await write(account, which, fact)).toBe(false),
    ),
  },
)

async function expectAccount(account: Account): Promise<void> {
  const reader = await readerOf(account)
  const consents = reader ? await product.connections.db.manager.findBy(Consent, { readerId: reader.id }) : []
  const sendable = consents.filter(consent => isSendable(consent.state)).map(consent => consent.purposeId)
  expect(new Set(sendable)).toEqual(account.sendable)
}

test('whatever happens to readers in whatever order: only a double opt-in gives, the last answer counts, and the ledger adds up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async acts => {
      const account = new Account()
      for (const one of acts) {
        await one(account)
        await expectAccount(account)
      }
    }),
    { numRuns: 60 },
  )

  const { publicKey } = createLedgerSigner(product.connections.keyring)
  const { breaks, events } = await verifyLedger(product.connections.db, product.config.stateDir, publicKey)
  expect(breaks).toEqual([])
  expect(events).toBe(await product.connections.db.manager.count(ConsentEvent))
  expect(events).toBeGreaterThan(100)
})

test('two changes of one reader at the same moment continue one chain', async () => {
  const account = new Account()
  await signUp(account, 7)

  await Promise.all([
    ...[0, 1, 2].map(which => leave(account, which)),
    leave(account, 'all'),
    ...[0, 1, 2].map(which => write(account, which, { toState: 'ConsentExpired', actor: 'SYSTEM' })),
  ])

  const { publicKey } = createLedgerSigner(product.connections.keyring)
  const { breaks } = await verifyLedger(product.connections.db, product.config.stateDir, publicKey)
  expect(breaks).toEqual([])
})
