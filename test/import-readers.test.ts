import { createHash } from 'node:crypto'
import { hashOf } from '../src/consent/ledger'
import { withdraw } from '../src/consent/withdraw'
import { Consent } from '../src/entities/consent'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { Notice } from '../src/entities/notice'
import { PurposeVersion } from '../src/entities/purpose-version'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import { Topic } from '../src/entities/topic'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, type Staff, uniqueAddress } from './support/actors'
import type { AnyData } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { everythingStored } from './support/dump'
import { collectedAt, fileOf, importFile, type Line, refusedRows, WORDS } from './support/importing'
import { type Product, startProduct, sweeps } from './support/product'
import { eventsOf, hashOfAddress, personOf, readerOf, suppressAddress, suppressionsOf } from './support/rows'

let product: Product
let admin: Staff
let purposeId: number

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'jobs', 'Jobs')
  purposeId = (await product.connections.db.manager.findOneByOrFail(Topic, { slug: 'weekly' })).purposeId
})
afterAll(() => product?.stop())

const take = (...lines: Line[]): Promise<AnyData> => importFile(product, admin, fileOf(...lines))
const isReader = (email: string): Promise<boolean> =>
  product.connections.db.manager.existsBy(Reader, { addressHash: hashOfAddress(product, email) })
const consentOf = async (email: string): Promise<Consent | null> => {
  const { id: readerId } = await readerOf(product, email)
  return product.connections.db.manager.findOneBy(Consent, { readerId, purposeId })
}

test('a row with all its evidence makes a reader whose yes is in the ledger, and mails nobody', async () => {
  const email = uniqueAddress()
  const time = collectedAt(200)

  const job = await take({
    email: email.toUpperCase(),
    name: 'Ada Imported',
    locale: 'de',
    source: 'old system',
    time,
  })

  expect(job).toMatchObject({ status: 'COMPLETED', rows: 1, accepted: 1, unchanged: 0, rejectedCount: 0 })
  expect(await personOf(product, email)).toEqual({ email, name: 'Ada Imported' })
  expect(await readerOf(product, email)).toMatchObject({ locale: 'de', version: 1 })
  const [event, ...more] = await eventsOf(product, email)
  if (!event) throw new Error('No event')
  expect(more).toEqual([])
  expect(event).toMatchObject({
    position: 1,
    purposeId,
    fromState: 'ConsentUnknown',
    toState: 'ConsentGiven',
    surface: 'IMPORT',
    actor: 'ADMIN',
    wordingHash: createHash('sha256').update(WORDS).digest(),
  })
  expect(event.hash).toEqual(hashOf(event))
  const source = createHash('sha256')
    .update(JSON.stringify(['old system', time, WORDS, '']))
    .digest('hex')
  expect(JSON.parse(event.evidence)).toEqual({
    import: job.id,
    row: 2,
    locale: 'de',
    proof: 'IMPORT',
    source,
    collectedAt: time,
  })
  const ends = new Date(time)
  ends.setUTCMonth(ends.getUTCMonth() + 24)
  expect(await consentOf(email)).toMatchObject({ state: 'ConsentGiven', policyNumber: 1, expiresAt: ends })
  await sweeps(2)
  expect(await product.connections.db.manager.count(Notice)).toBe(0)
  expect(product.sink.received).toEqual([])
})

test('words of this site are recognised, by themselves and by their hash', async () => {
  const words = await product.connections.db.manager.findOneByOrFail(PurposeVersion, {
    purposeId,
    locale: 'en',
  })
  const emails = [uniqueAddress(), uniqueAddress()]

  const job = await take(
    { email: emails[0], wording: words.description },
    { email: emails[1], wording: words.wordingHash.toString('hex') },
    { email: uniqueAddress(), wording: 'ab'.repeat(32) },
  )

  expect(job.accepted).toBe(2)
  expect(refusedRows(job)).toEqual(['4 INVALID'])
  for (const email of emails) {
    const [event] = await eventsOf(product, email ?? '')
    expect(event).toMatchObject({ purposeVersionId: words.id, wordingHash: words.wordingHash })
  }
})

test.each(Object.values(SuppressionReason))(
  'an address suppressed by %s stays suppressed, and no reader',
  async reason => {
    const email = uniqueAddress()
    await suppressAddress(product, email, reason)

    const job = await take({ email })

    expect(refusedRows(job)).toEqual(['2 SUPPRESSED'])
    expect(await suppressionsOf(product, email)).toEqual([reason])
    expect(await isReader(email)).toBe(false)
  },
)

test('a reader who is suppressed keeps the suppression and gets no new consent', async () => {
  const [reader] = await makeReaders(product, 1)
  if (!reader) throw new Error('No reader')
  await suppressAddress(product, reader.email, SuppressionReason.UNSUBSCRIBED_ALL)
  const events = await eventsOf(product, reader.email)

  const job = await importFile(product, admin, fileOf({ email: reader.email }), { topicSlugs: ['jobs'] })

  expect(refusedRows(job)).toEqual(['2 SUPPRESSED'])
  expect(await suppressionsOf(product, reader.email)).toEqual(['UNSUBSCRIBED_ALL'])
  expect(await eventsOf(product, reader.email)).toEqual(events)
})

test('whose consent stands is neither renewed nor renamed, and gets a topic that was never asked', async () => {
  const [reader] = await makeReaders(product, 1, { name: 'Grace Known', locale: 'de' })
  if (!reader) throw new Error('No reader')
  const before = await consentOf(reader.email)

  const again = await take({ email: reader.email, name: 'Somebody Else', locale: 'en' })
  expect(again).toMatchObject({ accepted: 0, unchanged: 1, rejectedCount: 0 })
  expect(await readerOf(product, reader.email)).toMatchObject({ version: reader.version, locale: 'de' })
  const more = await importFile(product, admin, fileOf({ email: reader.email, name: 'Somebody Else' }), {
    topicSlugs: ['weekly', 'jobs'],
  })

  expect(more).toMatchObject({ accepted: 1, unchanged: 0 })
  expect(await personOf(product, reader.email)).toEqual({ email: reader.email, name: 'Grace Known' })
  expect(await consentOf(reader.email)).toEqual(before)
  const events = await eventsOf(product, reader.email)
  expect(events.at(-1)).toMatchObject({
    surface: 'IMPORT',
    fromState: 'ConsentUnknown',
    toState: 'ConsentGiven',
  })
  expect(events.map(event => event.position)).toEqual(events.map((_, index) => index + 1))
  expect((await readerOf(product, reader.email)).version).toBe(reader.version + 1)
})

test('who took a yes back has not given it again', async () => {
  const [reader] = await makeReaders(product, 1)
  if (!reader) throw new Error('No reader')
  const left = { readerId: reader.id, scope: { purposeId }, newsletterId: null }
  const by = { surface: ConsentSurface.PREFERENCE_PAGE, method: ConsentMethod.SAVE_CHOICES }
  await transaction(product.connections.db, tx => withdraw(tx, { ...left, ...by }))
  const events = await eventsOf(product, reader.email)

  const job = await take({ email: reader.email, time: collectedAt(0) })

  expect(refusedRows(job)).toEqual(['2 INVALID_STATE'])
  expect((await consentOf(reader.email))?.state).toBe('ConsentWithdrawn')
  expect(await eventsOf(product, reader.email)).toEqual(events)
})

test('a reader who is restricted, or whose address does not work, is left alone', async () => {
  const readers = await makeReaders(product, 2)
  const { manager } = product.connections.db
  const [restricted, invalid] = readers
  await manager.update(Reader, restricted?.id ?? 0, { restrictedAt: new Date() })
  await manager.update(Reader, invalid?.id ?? 0, { invalidAt: new Date() })

  const job = await importFile(product, admin, fileOf(...readers.map(({ email }) => ({ email }))), {
    topicSlugs: ['jobs'],
  })

  expect(refusedRows(job)).toEqual(['2 INVALID_STATE', '3 INVALID_STATE'])
})

test('an address that comes twice is one reader, named as the first time', async () => {
  const email = uniqueAddress()
  const many = Array.from({ length: 510 }, () => ({ email: uniqueAddress() }))

  const job = await take(
    { email, name: 'First Row' },
    { email: email.toUpperCase(), name: 'Second Row' },
    ...many,
    { email, name: 'Third Row' },
  )

  expect(job).toMatchObject({ rows: 513, accepted: 511, unchanged: 2, rejectedCount: 0 })
  expect((await personOf(product, email))?.name).toBe('First Row')
  expect(await eventsOf(product, email)).toHaveLength(1)
})

test('a row may name its topics, and one row for each topic is one reader', async () => {
  const [both, one] = [uniqueAddress(), uniqueAddress()]
  const time = collectedAt()
  const rows = [
    'email;topic;source;consented_at;wording;policy_version',
    `${both};weekly;form;${time};${WORDS};1`,
    `${both};jobs;form;${time};${WORDS};`,
    `${one};weekly jobs;form;${time};${WORDS};`,
    `${one};nothing;form;${time};${WORDS};`,
    `${uniqueAddress()};;form;${time};${WORDS};`,
    `${uniqueAddress()};weekly;form;${time};${WORDS};2`,
  ]

  const job = await importFile(product, admin, rows.join('\n'), { topicSlugs: null })

  expect(job.accepted).toBe(3)
  expect(refusedRows(job)).toEqual(['5 NOT_FOUND', '6 REQUIRED', '7 NOT_FOUND'])
  for (const email of [both, one]) expect(await eventsOf(product, email)).toHaveLength(2)
})

const canaryName = 'Canary-Import-Refused'
const wrong: [what: string, line: Line, code: string][] = [
  ['no address', { email: '' }, 'REQUIRED'],
  ['no address but a word', { email: canaryName }, 'INVALID'],
  ['two addresses', { email: `a-${canaryName}@example.org b@example.org` }, 'INVALID'],
  ['a NUL in the address', { email: `a\0${canaryName}@example.org` }, 'INVALID'],
  ['a name that is a formula', { name: `=HYPERLINK("${canaryName}")` }, 'INVALID'],
  ['a name that is a command', { name: `@SUM(1)${canaryName}` }, 'INVALID'],
  ['a name with a line break', { name: `Ada\n${canaryName}` }, 'INVALID'],
  ['a name that is too long', { name: canaryName.repeat(10) }, 'TOO_LONG'],
  ['no source', { source: '' }, 'EVIDENCE_MISSING'],
  ['no time', { time: '' }, 'EVIDENCE_MISSING'],
  ['no wording', { wording: ' ' }, 'EVIDENCE_MISSING'],
  ['a time that is none', { time: '31.12.2025' }, 'INVALID'],
  ['a day that does not exist', { time: '2025-02-30' }, 'INVALID'],
  ['a month alone', { time: '2026-01' }, 'INVALID'],
  ['a time to come', { time: collectedAt(-2) }, 'INVALID'],
  ['a consent that is over', { time: collectedAt(740) }, 'NOT_ELIGIBLE'],
  ['a wording with a bell', { wording: 'Yes\u0007' }, 'INVALID'],
  ['a wording without end', { wording: 'yes '.repeat(3000) }, 'INVALID'],
]

test('a row that lacks something is named by its number and why, and nothing of it is kept', async () => {
  const lines = wrong.map(([what, change]) => ({
    email: `${what.replaceAll(' ', '-')}@refused.example`,
    ...change,
  }))
  const good = uniqueAddress()

  const job = await take(...lines, { email: good })

  expect(job).toMatchObject({ status: 'COMPLETED', accepted: 1, rejectedCount: wrong.length })
  expect(job.rejected.map(({ row, code }: AnyData) => [wrong[row - 2]?.[0], code])).toEqual(
    wrong.map(([what, , code]) => [what, code]),
  )
  const told = JSON.stringify(job)
  for (const trace of [canaryName, 'refused.example']) {
    expect(told).not.toContain(trace)
    expect(await everythingStored(product)).not.toContain(trace)
  }
  expect(await isReader(good)).toBe(true)
})

test.each([
  '2025-11-03',
  '2025-11-03T09:00',
  '2025-11-03 09:00:00',
  '2025-11-03T09:00:00.123Z',
  '2025-11-03T10:00:00+01:00',
])('a time such as %s is read', async time => {
  expect(await take({ email: uniqueAddress(), time })).toMatchObject({ accepted: 1 })
})
