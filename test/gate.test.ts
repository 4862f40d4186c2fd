import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import { touchReader } from '../src/consent/readers'
import { startSite, stopSite } from '../src/consent/site-switch'
import { suppress } from '../src/consent/suppress'
import { withdraw } from '../src/consent/withdraw'
import { claimRange } from '../src/deliveries/claim'
import { deliveryId } from '../src/deliveries/delivery-id'
import { settle } from '../src/deliveries/settle'
import { settleSent } from '../src/deliveries/settle-sent'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { PauseReason } from '../src/entities/newsletter'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import { pause, resume } from '../src/newsletters/control'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, type Staff } from './support/actors'
import type { AnyData } from './support/api'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'
import { type Started, startNewsletter } from './support/started'

const ALL_BUT_DATE = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 1)
})
afterAll(() => product?.stop())

/** A reader, and a newsletter that is about to go to them. */
async function aboutToGo(): Promise<{ reader: KnownReader; started: Started }> {
  const [reader] = await makeReaders(product, 1)
  if (!reader) throw new Error('No reader')
  return { reader, started: await startNewsletter(product, admin, topic.id) }
}

const withdrawal = ({ id }: KnownReader, purposeId: number) => ({
  readerId: id,
  scope: { purposeId },
  surface: ConsentSurface.ONE_CLICK_HEADER,
  method: ConsentMethod.ONE_CLICK,
  newsletterId: null,
})

type Act = (tx: EntityManager, reader: KnownReader, started: Started) => Promise<unknown>

type Barrier = [name: string, act: Act, now: string, afterwards: string]

const suppression = (reason: SuppressionReason, afterwards: string): Barrier => [
  `a suppression (${reason})`,
  (tx, { addressHash }) =>
    suppress(tx, addressHash ?? Buffer.alloc(0), reason, { newsletterId: null, note: null }),
  'READER_CHANGED',
  afterwards,
]

const barriers: Barrier[] = [
  [
    'a withdrawal',
    (tx, reader, started) => withdraw(tx, withdrawal(reader, started.purposeId)),
    'READER_CHANGED',
    'CONSENT_WITHDRAWN',
  ],
  [
    'a withdrawal of everything',
    (tx, reader, started) => withdraw(tx, { ...withdrawal(reader, started.purposeId), scope: 'all' }),
    'READER_CHANGED',
    'SUPPRESSED_UNSUBSCRIBED',
  ],
  suppression(SuppressionReason.COMPLAINT, 'SUPPRESSED_COMPLAINT'),
  suppression(SuppressionReason.HARD_BOUNCE, 'SUPPRESSED_BOUNCE'),
  suppression(SuppressionReason.MANUAL, 'SUPPRESSED_MANUAL'),
  [
    'a pause of the reader',
    async (tx, { id }) => {
      await touchReader(tx, id)
      await tx.update(Reader, id, { pausedUntil: new Date(Date.now() + 3_600_000) })
    },
    'READER_CHANGED',
    'PAUSED',
  ],
  [
    'a pause of the newsletter',
    (tx, _reader, { newsletter }) => pause(tx, newsletter.id, PauseReason.MANUAL, null),
    'NOT_SENDING',
    'NOT_SENDING',
  ],
  ['a stop of the site', tx => stopSite(tx, 'drill'), 'SITE_STOPPED', 'SITE_STOPPED'],
]

test.each(barriers)(
  '%s that is not committed yet makes the gate wait, and then refuse (%#)',
  async (_name, act, now, afterwards) => {
    const { reader, started } = await aboutToGo()
    const { db } = product.connections
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    let acted = () => {}
    const isActed = new Promise<void>(resolve => (acted = resolve))
    const open = db.transaction('READ COMMITTED', async tx => {
      await act(tx, reader, started)
      acted()
      await held
    })
    await isActed
    let isDecided = false
    const gate = started.gate(reader.id, reader.version).finally(() => (isDecided = true))
    await sleep(250)
    const hasWaited = !isDecided
    release()
    await open
    expect(hasWaited).toBe(true)
    expect(await gate).toEqual({ kind: 'refused', reason: now })
    expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason: afterwards })
    const isFinal = now === 'READER_CHANGED'
    expect(await started.row(reader.id)).toMatchObject({
      status: isFinal ? 'skipped' : 'queued',
      skipReason: isFinal ? afterwards : null,
      attempts: 0,
    })
    await transaction(db, tx => startSite(tx))
  },
)

test('what had passed the gate is named by every barrier until it is settled', async () => {
  const { reader, started } = await aboutToGo()
  const { db } = product.connections
  const { newsletter, claim, purposeId } = started
  const id = deliveryId(newsletter.reference, reader.reference)
  expect(await started.gate(reader.id)).toMatchObject({ kind: 'passed' })
  const named = async (act: (tx: EntityManager) => Promise<unknown>) =>
    expect(await transaction(db, act)).toMatchObject({ alreadyPassed: expect.arrayContaining([id]) })
  await named(tx => pause(tx, newsletter.id, PauseReason.MANUAL, null))
  await named(tx => stopSite(tx, 'drill'))
  await named(tx => withdraw(tx, withdrawal(reader, purposeId)))
  await named(tx => withdraw(tx, { ...withdrawal(reader, purposeId), scope: 'all' }))
  const blocked = { newsletterId: null, note: null }
  const hash = reader.addressHash ?? Buffer.alloc(0)
  await named(tx => suppress(tx, hash, SuppressionReason.COMPLAINT, blocked))
  const taken = { claim, readerId: reader.id }
  await settleSent(product.connections.packets, [taken])
  const later = await transaction(db, tx => stopSite(tx, 'drill'))
  expect(later.alreadyPassed).not.toContain(id)
  await transaction(db, tx => startSite(tx))
})

test('a delivery nobody knows the end of may still arrive, and is named for an hour', async () => {
  const { reader, started } = await aboutToGo()
  const { db } = product.connections
  const { newsletter, claim, purposeId } = started
  const id = deliveryId(newsletter.reference, reader.reference)
  expect(await started.gate(reader.id)).toMatchObject({ kind: 'passed' })
  await transaction(db, tx => settle(tx, claim, reader.id, { kind: 'unknown' }))
  const named = async () => [
    (await transaction(db, tx => withdraw(tx, withdrawal(reader, purposeId)))).alreadyPassed,
    (await transaction(db, tx => stopSite(tx, 'drill'))).alreadyPassed.filter(one => one === id),
  ]
  expect(await named()).toEqual([[id], [id]])
  const age = 'UPDATE delivery SET at = UTC_TIMESTAMP(3) - INTERVAL 61 MINUTE WHERE reader_id = ?'
  await db.manager.query(age, [reader.id])
  expect(await named()).toEqual([[], []])
  await transaction(db, tx => startSite(tx))
})

test('a delivery passes the gate once, whoever asks and however often', async () => {
  const { reader, started } = await aboutToGo()
  const answers = await Promise.all(Array.from({ length: 20 }, () => started.gate(reader.id)))
  expect(answers.filter(answer => answer.kind === 'passed')).toHaveLength(1)
  expect(await started.row(reader.id)).toMatchObject({ status: 'sending', attempts: 1 })
})

test('a claim that was taken over, or whose lease is over, passes no gate and settles nothing', async () => {
  const { reader, started } = await aboutToGo()
  const { db } = product.connections
  const { newsletter, claim } = started
  const expire = `UPDATE delivery_range SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE newsletter_id = ?`
  await db.manager.query(expire, [newsletter.id])
  expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason: 'CLAIM_LOST' })
  const next = await transaction(db, tx => claimRange(tx, newsletter.id, 60_000))
  expect(next?.fence).toBe(claim.fence + 1)
  expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason: 'CLAIM_LOST' })
  await transaction(db, tx => settle(tx, claim, reader.id, { kind: 'failed', smtpStatus: '5.1.1' }))
  await transaction(db, tx => settle(tx, claim, reader.id, { kind: 'deferred', smtpStatus: '4.2.1' }))
  expect(await started.row(reader.id)).toMatchObject({ status: 'queued', smtpStatus: null })
})

test('a newsletter that is paused and resumed passes gates again, a draft and a finished one none', async () => {
  const { reader, started } = await aboutToGo()
  const { db } = product.connections
  const { id } = started.newsletter
  await transaction(db, tx => pause(tx, id, PauseReason.MANUAL, null))
  await transaction(db, tx => resume(tx, id))
  for (const status of ['DRAFT', 'SCHEDULED', 'PAUSED', 'SENT', 'CANCELLED', 'FAILED']) {
    await db.manager.query('UPDATE newsletter SET status = ? WHERE id = ?', [status, id])
    expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason: 'NOT_SENDING' })
  }
  await db.manager.query("UPDATE newsletter SET status = 'SENDING' WHERE id = ?", [id])
  expect(await started.gate(reader.id)).toMatchObject({ kind: 'passed' })
})

test('the lease is judged by the clock of the database, however wrong the worker’s own is', async () => {
  const { reader, started } = await aboutToGo()
  const { db } = product.connections
  const expire = `UPDATE delivery_range SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE newsletter_id = ?`
  await db.manager.query(expire, [started.newsletter.id])
  jest.useFakeTimers({ now: Date.now() - 3_600_000, doNotFake: [...ALL_BUT_DATE] })
  try {
    expect(await started.gate(reader.id)).toEqual({ kind: 'refused', reason: 'CLAIM_LOST' })
  } finally {
    jest.useRealTimers()
  }
})
