import fc from 'fast-check'
import { publishPolicy } from '../src/consent/policies'
import { skipReasonSql } from '../src/consent/skip-reason'
import { skipRefused } from '../src/deliveries/skip-refused'
import { consentStates } from '../src/entities/consent'
import { Delivery, SkipReason } from '../src/entities/delivery'
import { SuppressionReason } from '../src/entities/suppression'
import { Topic } from '../src/entities/topic'
import { estimateAudience } from '../src/newsletters/estimate'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, type Staff } from './support/actors'
import type { AnyData } from './support/api'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'
import { expectedReason, FINE, isAudience, type ReaderState, setState } from './support/reader-state'
import { type Started, startNewsletter } from './support/started'

let product: Product
let admin: Staff
let topic: AnyData
let purposeId: number

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const { db } = product.connections
  await transaction(db, tx =>
    publishPolicy(
      tx,
      ['en', 'de'].map(locale => ({ locale, title: 'Policy', markdown: 'All new.' })),
      {
        effectiveAt: new Date(Date.now() - 1000),
        requiresReconsent: true,
      },
    ),
  )
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  purposeId = (await db.manager.findOneByOrFail(Topic, { slug: 'weekly' })).purposeId
})
afterAll(() => product?.stop())

const changes: [reason: SkipReason, change: Partial<ReaderState>][] = [
  [SkipReason.ERASED, { suppressions: ['ERASED'] }],
  [SkipReason.SUPPRESSED_COMPLAINT, { suppressions: ['COMPLAINT'] }],
  [SkipReason.SUPPRESSED_BOUNCE, { suppressions: ['HARD_BOUNCE'] }],
  [SkipReason.SUPPRESSED_MANUAL, { suppressions: ['MANUAL'] }],
  [SkipReason.SUPPRESSED_UNSUBSCRIBED, { suppressions: ['UNSUBSCRIBED_ALL'] }],
  [SkipReason.RESTRICTED, { isRestricted: true }],
  [SkipReason.INVALID_ADDRESS, { isInvalid: true }],
  [SkipReason.NO_CONSENT, { consent: 'ConsentUnknown' }],
  [SkipReason.NO_CONSENT, { consent: 'ConsentRefused' }],
  [SkipReason.CONSENT_PENDING, { consent: 'ConsentRequested' }],
  [SkipReason.CONSENT_PENDING, { consent: 'ConsentRequestDeferred' }],
  [SkipReason.CONSENT_WITHDRAWN, { consent: 'ConsentWithdrawn', endedAt: -1 }],
  [SkipReason.CONSENT_WITHDRAWN, { consent: 'ConsentRevoked', endedAt: -1 }],
  [SkipReason.RECONSENT_REQUIRED, { consent: 'ConsentInvalidated' }],
  [SkipReason.RECONSENT_REQUIRED, { policyNumber: 1 }],
  [SkipReason.CONSENT_EXPIRED, { consent: 'ConsentExpired' }],
  [SkipReason.CONSENT_EXPIRED, { expiresAt: -1 }],
  [SkipReason.PAUSED, { pausedUntil: 1 }],
]

type Cases = { reader: KnownReader; reason: SkipReason; state: ReaderState }[]

/** One reader for each change. */
async function onePerChange(): Promise<Cases> {
  const readers = await makeReaders(product, changes.length + 1)
  return changes.flatMap(([reason, change], index) => {
    const reader = readers[index]
    return reader ? [{ reader, reason, state: { ...FINE, ...change } }] : []
  })
}

const applyAll = async (cases: Cases): Promise<void> => {
  for (const { reader, state } of cases) await setState(product, reader, purposeId, state)
}

async function expectSkipped(started: Started, cases: Cases): Promise<void> {
  for (const { reader, reason } of cases)
    expect(await started.row(reader.id)).toMatchObject({ status: 'skipped', skipReason: reason, attempts: 0 })
}

test('each reason that stands when a newsletter starts gives a skipped row', async () => {
  const cases = await onePerChange()
  await applyAll(cases)
  await expectSkipped(await startNewsletter(product, admin, topic.id), cases)
})

test('each reason that arises before the range is claimed gives a skipped row', async () => {
  const cases = await onePerChange()
  const started = await startNewsletter(product, admin, topic.id)
  await applyAll(cases)
  const readerIds = cases.map(({ reader }) => reader.id)
  await transaction(product.connections.db, tx =>
    skipRefused(tx, started.newsletter.id, readerIds, purposeId, skipReasonSql),
  )
  await expectSkipped(started, cases)
})

test('each reason that arises between claim and gate is what the gate answers, and gives a skipped row', async () => {
  const cases = await onePerChange()
  const started = await startNewsletter(product, admin, topic.id)
  await applyAll(cases)
  for (const { reader, reason } of cases)
    expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason })
  await expectSkipped(started, cases)
})

test('an erased reader has no row at the start, and none gets mail when erased later', async () => {
  const [before, after] = await makeReaders(product, 2)
  if (!before || !after) throw new Error('No readers')
  await setState(product, before, purposeId, { ...FINE, isErased: true })
  const started = await startNewsletter(product, admin, topic.id)
  const { id: newsletterId } = started.newsletter
  const { manager } = product.connections.db
  expect(await manager.existsBy(Delivery, { newsletterId, readerId: before.id })).toBe(false)
  await setState(product, after, purposeId, { ...FINE, isErased: true })
  expect(await started.gate(after.id)).toEqual({ kind: 'refused', reason: 'ERASED' })
})

const days = fc.constantFrom(null, -100, -80, -1, 1, 400)
const anyState: fc.Arbitrary<ReaderState> = fc.record({
  suppressions: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.uniqueArray(fc.constantFrom(...Object.values(SuppressionReason)), { maxLength: 3 }),
    },
  ),
  isErased: mostly(false),
  isRestricted: mostly(false),
  isInvalid: mostly(false),
  pausedUntil: days,
  consent: fc.oneof(fc.constant('ConsentGiven' as const), fc.constantFrom(...consentStates)),
  policyNumber: fc.oneof(fc.constant(2), fc.constantFrom(1, 2)),
  givenAt: fc.oneof(fc.constant(-300), days),
  endedAt: fc.oneof(fc.constant(null), days),
  expiresAt: fc.oneof(fc.constant(300), days),
})

function mostly(value: boolean): fc.Arbitrary<boolean> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(!value) })
}

test('estimate, expansion and gate agree about readers in any state, and with the rules as they are written down', async () => {
  const crowd = 30
  const other = await makeTopic(product, admin, 'crowd')
  const [anchor, ...readers] = await makeReaders(product, crowd + 1, { purposes: ['topic:crowd'] })
  const { db } = product.connections
  const { purposeId: purpose } = await db.manager.findOneByOrFail(Topic, { slug: 'crowd' })
  const property = async (states: ReaderState[]) => {
    for (const [index, reader] of readers.entries())
      await setState(product, reader, purpose, states[index] ?? FINE)
    const owed = states.filter(isAudience).map(expectedReason)
    const estimate = await estimateAudience(db.manager, purpose)
    expect(estimate.confirmedReaders).toBe(owed.length + 1)
    expect(estimate.willReceive).toBe(owed.filter(reason => reason === null).length + 1)
    const started = await startNewsletter(product, admin, other.id)
    const rows = await db.manager.findBy(Delivery, { newsletterId: started.newsletter.id })
    const expected = readers.flatMap(({ id }, index) => {
      const state = states[index] ?? FINE
      return isAudience(state) ? [[id, expectedReason(state)]] : []
    })
    expect(
      rows.filter(row => row.readerId !== anchor?.id).map(row => [row.readerId, row.skipReason]),
    ).toEqual(expected)
    await db.manager.query(
      "UPDATE delivery SET status = 'queued', skip_reason = NULL WHERE newsletter_id = ?",
      [started.newsletter.id],
    )
    for (const [id, reason] of expected)
      expect(await started.gate(Number(id))).toMatchObject(
        reason === null ? { kind: 'passed' } : { kind: 'refused', reason },
      )
  }
  await fc.assert(fc.asyncProperty(fc.array(anyState, { minLength: crowd, maxLength: crowd }), property), {
    numRuns: 20,
    endOnFailure: true,
  })
})
