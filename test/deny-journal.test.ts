import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { EntityManager } from 'typeorm'
import { appendDenials, type Denial, prepareDenyJournal, readDenyJournal } from '../src/consent/deny-journal'
import { createDenialCopier, type DenialCopier, denyJournalName } from '../src/consent/journal-denials'
import { replayDenials } from '../src/consent/release'
import { withdraw } from '../src/consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { Purpose } from '../src/entities/purpose'
import { SuppressionReason } from '../src/entities/suppression'
import { beginErasureOf } from '../src/privacy/begin-erasure'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, uniqueAddress } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { expectNoChange } from './support/dump'
import { fileOf, importFile } from './support/importing'
import { statesOf } from './support/leaving'
import { type Product, startProduct } from './support/product'
import { hashOfAddress, suppressAddress, suppressionsOf } from './support/rows'

let product: Product
let purposeId: number

beforeAll(async () => {
  product = await startProduct({ worker: false })
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly')
  const { manager } = product.connections.db
  purposeId = (await manager.findOneByOrFail(Purpose, { key: 'topic:weekly' })).id
})
afterEach(() => jest.restoreAllMocks())
afterAll(() => product?.stop())

const EPOCH = '0190a000-0000-7000-8000-000000000001'
const folder = (): string => mkdtempSync(join(tmpdir(), 'weinterrupt-journal-'))
const textOf = (stateDir: string): string => readFileSync(join(stateDir, 'deny.jsonl'), 'utf8')

async function one(): Promise<KnownReader> {
  const [reader] = await makeReaders(product, 1)
  if (!reader) throw new Error('No reader')
  return reader
}

const leaving = ({ id: readerId }: KnownReader) => ({
  readerId,
  scope: { purposeId },
  surface: ConsentSurface.PREFERENCE_PAGE,
  method: ConsentMethod.SAVE_CHOICES,
  newsletterId: null,
})
const leave = (reader: KnownReader) =>
  transaction(product.connections.db, tx => withdraw(tx, leaving(reader)))

function copierOf(stateDir: string): DenialCopier {
  denyJournalName(stateDir)
  return createDenialCopier(stateDir)
}
const copy = (copier: DenialCopier) => copier.copy(product.connections.db.manager, EPOCH)
const hexOf = (reader: KnownReader): string => hashOfAddress(product, reader.email).toString('hex')
const minutesLater = (minutes: number): void => {
  const now = performance.now() + minutes * 60_000
  jest.spyOn(performance, 'now').mockImplementation(() => now)
}

test('a withdrawal whose transaction ends after a later one is in the journal all the same', async () => {
  const [slow, quick] = [await one(), await one()]
  const stateDir = folder()
  const copier = copierOf(stateDir)
  await copy(copier)
  const runner = product.connections.db.createQueryRunner()
  await runner.startTransaction('READ COMMITTED')
  await withdraw(runner.manager, leaving(slow))
  await leave(quick)
  await copy(copier)
  expect(textOf(stateDir)).toContain(hexOf(quick))
  expect(textOf(stateDir)).not.toContain(hexOf(slow))
  await runner.commitTransaction()
  await runner.release()
  minutesLater(2)
  await copy(copier)
  expect(textOf(stateDir).split(hexOf(slow))).toHaveLength(2)
  expect(textOf(stateDir).split(hexOf(quick))).toHaveLength(2)
})

test('a restarted copier misses nothing, and what it had settled is not written again', async () => {
  const [before, after] = [await one(), await one()]
  const stateDir = folder()
  await leave(before)
  const first = copierOf(stateDir)
  await copy(first)
  minutesLater(11)
  await copy(first)
  minutesLater(12)
  await copy(first)
  await leave(after)
  await suppressAddress(product, after.email, SuppressionReason.HARD_BOUNCE)
  await copy(copierOf(stateDir))
  expect(textOf(stateDir).split(hexOf(before))).toHaveLength(2)
  expect(textOf(stateDir).split(hexOf(after))).toHaveLength(3)
  expect(textOf(stateDir)).not.toContain('@')
})

test('another epoch is read from its beginning: its ids are not those of the one before', async () => {
  const reader = await one()
  await leave(reader)
  const stateDir = folder()
  const copier = copierOf(stateDir)
  await copy(copier)
  await copier.copy(product.connections.db.manager, '0190a000-0000-7000-8000-000000000002')
  expect(textOf(stateDir).split(hexOf(reader))).toHaveLength(3)
})

test('a last line that a crash cut off is written again whole', async () => {
  const stateDir = folder()
  const copier = copierOf(stateDir)
  await copy(copier)
  const whole = textOf(stateDir)
  appendFileSync(join(stateDir, 'deny.jsonl'), '{"at":"2030-01-01T00:00')
  expect((await readDenyJournal(stateDir)).damagedLines).toEqual([whole.split('\n').length])
  prepareDenyJournal(stateDir)
  expect(textOf(stateDir)).toBe(whole)
  expect((await readDenyJournal(stateDir)).damagedLines).toEqual([])
})

test('whatever stands in a journal, a line is one of ours or named as damaged', async () => {
  const stateDir = folder()
  prepareDenyJournal(stateDir)
  const ours: Denial = {
    at: '2026-01-01T00:00:00.000Z',
    kind: 'withdrawal',
    address: 'ab'.repeat(32),
    subject: 'topic:weekly',
  }
  const line = fc.oneof(
    fc.constant(JSON.stringify(ours)),
    fc.string().map(text => text.replace(/[\r\n\u2028\u2029]/g, ' ')),
    fc.json(),
    fc.jsonValue().map(value => JSON.stringify({ ...ours, address: value })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line), async lines => {
      writeFileSync(join(stateDir, 'deny.jsonl'), lines.map(text => `${text}\n`).join(''))
      const read = await readDenyJournal(stateDir)
      const good = lines.filter(text => text === JSON.stringify(ours)).length
      expect(read.denials).toEqual(good > 0 ? [ours] : [])
      expect(read.damagedLines).toHaveLength(lines.length - good)
    }),
  )
})

const eraseAgain = (tx: EntityManager, hash: Buffer) =>
  beginErasureOf(tx, product.connections.keyring, hash, { origin: 'RESTORE', isChild: false })

test('a replay takes back what stood before, keeps a later yes, and changes nothing the second time', async () => {
  const [left, returned, blocked] = [await one(), await one(), await one()]
  const denial = (reader: KnownReader, minutesAgo: number, more: Partial<Denial> = {}): Denial => ({
    at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    kind: 'withdrawal',
    address: hexOf(reader),
    subject: 'topic:weekly',
    ...more,
  })
  // Their yes is one minute old.
  const denials = [
    denial(left, 0),
    denial(returned, 60),
    denial(returned, 60, { kind: 'suppression', subject: 'UNSUBSCRIBED_ALL' }),
    denial(blocked, 0, { kind: 'suppression', subject: 'ERASED' }),
    denial(left, 0, { address: 'cd'.repeat(32) }),
    denial(left, 0, { subject: 'topic:gone' }),
  ]
  const { db } = product.connections
  expect(await replayDenials(db, denials, eraseAgain)).toEqual({ withdrawals: 1, suppressions: 1, known: 4 })
  expect((await statesOf(product, left.email)).at(-1)).toBe('ConsentWithdrawn')
  expect((await statesOf(product, returned.email)).at(-1)).toBe('ConsentGiven')
  expect(await suppressionsOf(product, returned.email)).toEqual([])
  expect(await suppressionsOf(product, blocked.email)).toEqual(['ERASED'])
  await expectNoChange(product, async () => {
    expect(await replayDenials(db, denials, eraseAgain)).toEqual({
      withdrawals: 0,
      suppressions: 0,
      known: 6,
    })
  })
})

test('what was imported after a denial overrules none', async () => {
  const email = uniqueAddress()
  await importFile(product, await makeStaff(product, 'ADMIN'), fileOf({ email }))
  const denial = {
    at: new Date(Date.now() - 60 * 60_000).toISOString(),
    address: hashOfAddress(product, email).toString('hex'),
  }

  const denials: Denial[] = [
    { ...denial, kind: 'withdrawal', subject: 'topic:weekly' },
    { ...denial, kind: 'suppression', subject: 'COMPLAINT' },
  ]
  const replayed = await replayDenials(product.connections.db, denials, eraseAgain)

  expect(replayed).toEqual({ withdrawals: 1, suppressions: 1, known: 0 })
  expect((await statesOf(product, email)).at(-1)).toBe('ConsentWithdrawn')
  expect(await suppressionsOf(product, email)).toEqual(['COMPLAINT'])
})

test('of many entries for one person and purpose the latest counts', async () => {
  const stateDir = folder()
  prepareDenyJournal(stateDir)
  const entry = (day: number): Denial => ({
    at: `2026-01-0${day}T00:00:00.000Z`,
    kind: 'withdrawal',
    address: 'ab'.repeat(32),
    subject: 'topic:weekly',
  })
  appendDenials(stateDir, [entry(2), entry(3), entry(1)])
  expect((await readDenyJournal(stateDir)).denials).toEqual([entry(3)])
})
