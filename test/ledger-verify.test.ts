import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { readSeenEpoch, type SeenEpoch, writeSeenEpoch } from '../src/consent/epoch'
import { hashOf } from '../src/consent/ledger'
import { type LedgerReport, verifyLedger } from '../src/consent/verify-ledger'
import { withdraw } from '../src/consent/withdraw'
import { ConsentEvent, ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { createLedgerSigner } from '../src/secrets/ledger-signer'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { runWeinterrupt } from './support/command'
import { breakIn, type Intruder, makeCheckpoint, type Verdict, verdict } from './support/ledger'
import { type Product, startProduct } from './support/product'

const READERS = 40

let product: Product
let intruder: Intruder
let readers: KnownReader[]
let events: ConsentEvent[]
let file: string
let sealed: string
let freeId: string

const leave = ({ id }: KnownReader) =>
  transaction(product.connections.db, tx =>
    withdraw(tx, {
      readerId: id,
      scope: 'all',
      surface: ConsentSurface.ONE_CLICK_HEADER,
      method: ConsentMethod.ONE_CLICK,
      newsletterId: null,
    }),
  )

/** A transaction that took the next id and was rolled back. */
async function leaveAnIdFree(): Promise<string> {
  const { manager } = product.connections.db
  const [last] = await manager.find(ConsentEvent, { order: { id: 'DESC' }, take: 1 })
  const { id, ...event } = last as ConsentEvent
  const again = { ...event, publicId: uuidv7(), position: event.position + 1 }
  await manager
    .transaction(async tx => {
      await tx.insert(ConsentEvent, again)
      throw new Error('rolled back')
    })
    .catch(() => {})
  return String(Number(id) + 1)
}

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
  readers = await makeReaders(product, READERS)
  for (const reader of readers.slice(0, 8)) await leave(reader)
  freeId = await leaveAnIdFree()
  for (const reader of readers.slice(8, 10)) await leave(reader)
  await makeCheckpoint(product)
  for (const reader of readers.slice(10, 15)) await leave(reader)
  await makeCheckpoint(product)
  for (const reader of readers.slice(15, 18)) await leave(reader)
  events = await product.connections.db.manager.find(ConsentEvent, { order: { id: 'ASC' } })
  file = join(product.config.stateDir, 'ledger.jsonl')
  sealed = readFileSync(file, 'utf8')
  intruder = await breakIn(product)
})
afterEach(async () => {
  writeFileSync(file, sealed)
  await intruder.undo()
})
afterAll(async () => {
  await intruder?.end()
  await product?.stop()
})

const chainOf = (reader: KnownReader | undefined): ConsentEvent[] =>
  events.filter(event => event.principal === reader?.publicId)
const first = (): KnownReader => readers[0] as KnownReader

/** The only one; the command ends with 1. */
function onlyBreak({ breaks, breakCount, ...answer }: LedgerReport | Verdict) {
  if ('code' in answer) expect(answer).toMatchObject({ ok: false, code: 1 })
  expect(breakCount).toBe(breaks.length)
  expect(breaks).toHaveLength(1)
  return breaks[0]
}

/** The same without a process of its own: for what is tried in many ways. */
const verified = () =>
  verifyLedger(
    product.connections.db,
    product.config.stateDir,
    createLedgerSigner(product.connections.keyring).publicKey,
  )

test('a whole ledger: everything is right, and it says what no checkpoint covers yet', async () => {
  const answer = await verdict(product)

  expect(answer).toMatchObject({
    ok: true,
    code: 0,
    events: events.length,
    readers: READERS,
    tombstones: 0,
    checkpoints: 2,
    uncovered: { events: 3, since: chainOf(readers[15]).at(-1)?.at.toISOString() },
    breaks: [],
    notes: [],
  })
  const { out, code } = await runWeinterrupt(product.env, 'ledger', 'verify')
  expect(code).toBe(0)
  expect(out).toContain('3 events since')
  expect(out).toContain('Every hash, chain, state, deletion and checkpoint is right.')
})

test('one flipped byte of an event: the reader and the event are named', async () => {
  const event = chainOf(first())[1] as ConsentEvent
  await intruder.run("UPDATE consent_event SET evidence = REPLACE(evidence, ':13', ':12') WHERE id = ?", [
    event.id,
  ])

  expect(onlyBreak(await verdict(product))).toEqual({
    reader: first().publicId,
    position: 2,
    what: 'was changed: its hash covers something else',
  })
})

test.each([
  ['public_id', 'UUID()'],
  ['previous_hash', 'REVERSE(previous_hash)'],
  ['hash', 'REVERSE(hash)'],
  ['record_version', '1'],
  ['purpose_id', 'purpose_id + 1'],
  ['from_state', "'ConsentExpired'"],
  ['to_state', "'RenewedConsentGiven'"],
  ['purpose_version_id', 'purpose_version_id + 1'],
  ['wording_hash', 'REVERSE(wording_hash)'],
  ['policy_version_id', 'policy_version_id + 1'],
  ['policy_hash', 'REVERSE(policy_hash)'],
  ['terms_hash', 'REVERSE(terms_hash)'],
  ['terms_hash', 'NULL'],
  ['surface', "'STAFF'"],
  ['method', "'ACCEPT_ALL'"],
  ['actor', "'STAFF'"],
  ['at', 'at + INTERVAL 0.001 SECOND'],
  ['evidence', "'{}'"],
])('another %s of an event (%s) is found', async (column, value) => {
  const event = chainOf(first())[1] as ConsentEvent
  await intruder.run(`UPDATE consent_event SET ${column} = ${value} WHERE id = ?`, [event.id])

  const { breaks } = await verified()

  expect(breaks[0]).toMatchObject({ reader: first().publicId, position: 2 })
})

test('one deleted event in the middle of a chain', async () => {
  const event = chainOf(first())[1] as ConsentEvent
  await intruder.run('DELETE FROM consent_event WHERE id = ?', [event.id])

  const { ok, code, breaks } = await verdict(product)

  expect({ ok, code }).toEqual({ ok: false, code: 1 })
  expect(breaks).toEqual([
    { reader: first().publicId, position: 3, what: 'comes after event 1: what was between is missing' },
    {
      checkpoint: 1,
      what: expect.stringMatching(
        new RegExp(`and 1 is missing \\(no event has id .*\\b${event.id}\\b.*\\)$`),
      ),
    },
  ])
})

test('the last event of a chain, with the projection turned back as if it had never been', async () => {
  const [, given, left] = chainOf(first()) as [ConsentEvent, ConsentEvent, ConsentEvent]
  await intruder.run('DELETE FROM consent_event WHERE id = ?', [left.id])
  await intruder.run(
    "UPDATE consent SET state = 'ConsentGiven', changed_at = ?, ended_at = NULL WHERE reader_id = ? AND purpose_id = ?",
    [given.at, first().id, given.purposeId],
  )

  expect(onlyBreak(await verified())).toEqual({
    checkpoint: 1,
    what: expect.stringContaining(`and 1 is missing (no event has id ${left.id}, ${freeId})`),
  })
})

test('one deleted reader: all events, the projection and the row itself', async () => {
  const ids = chainOf(first()).map(event => event.id)
  await intruder.run('DELETE FROM consent_event WHERE principal = ?', [first().publicId])
  await intruder.run('DELETE FROM consent WHERE reader_id = ?', [first().id])
  await intruder.run('DELETE FROM reader WHERE id = ?', [first().id])

  const found = onlyBreak(await verdict(product))

  expect(found).toMatchObject({
    checkpoint: 1,
    what: expect.stringContaining(`and ${ids.length} are missing`),
  })
  expect(found?.what).toContain(`no event has id ${ids[0]}–${ids[1]}, ${ids[2]}`)
})

test('a chain that was written anew from the start, every hash of it right', async () => {
  let previous = Buffer.alloc(32)
  for (const event of chainOf(first())) {
    const forged = { ...event, actor: 'AUTHOR', previousHash: previous }
    previous = hashOf(forged) as Buffer<ArrayBuffer>
    await intruder.run('UPDATE consent_event SET actor = ?, previous_hash = ?, hash = ? WHERE id = ?', [
      forged.actor,
      forged.previousHash,
      previous,
      event.id,
    ])
  }

  expect(onlyBreak(await verified())).toEqual({
    checkpoint: 1,
    what: expect.stringMatching(/and one of them is another now$/),
  })
})

test('an event that was put in under an id that was free', async () => {
  const { id: _id, ...event } = chainOf(readers[20])[0] as ConsentEvent
  const forged = { ...event, publicId: uuidv7(), principal: uuidv7() }
  await product.connections.db.manager.insert(ConsentEvent, { ...forged, id: freeId, hash: hashOf(forged) })

  const { breaks } = await verified()

  expect(breaks).toContainEqual({
    checkpoint: 1,
    what: expect.stringMatching(/^covers (\d+) of the events with ids 1 to \d+, and there are \d+$/),
  })
})

test('another state in the projection than the events add up to', async () => {
  await intruder.run("UPDATE consent SET state = 'ConsentGiven' WHERE reader_id = ?", [first().id])

  expect(onlyBreak(await verified())).toEqual({
    reader: first().publicId,
    what: expect.stringMatching(/^has another state for purpose \d+ than its events add up to$/),
  })
})

test('consents that no event tells of, of a reader who is there and of one who is not', async () => {
  const [mine] = chainOf(first())
  await intruder.run('DELETE FROM consent WHERE reader_id = ?', [readers[20]?.id])
  await intruder.run('UPDATE consent SET reader_id = 999999 WHERE reader_id = ?', [first().id])
  await intruder.run('UPDATE consent SET purpose_id = purpose_id + 1 WHERE reader_id = ?', [readers[21]?.id])

  const { breaks } = await verified()

  expect(breaks.map(one => one.what).sort()).toEqual([
    `has no consent for purpose ${mine?.purposeId}, which its events tell of`,
    `has no consent for purpose ${mine?.purposeId}, which its events tell of`,
    `has no consent for purpose ${mine?.purposeId}, which its events tell of`,
    'there are consents of reader 999999, whom there is not',
  ])
})

test('a yes appended without a mailed link, its hash and place right', async () => {
  const left = chainOf(readers[16]).at(-1) as ConsentEvent
  const { id: _id, ...forged } = {
    ...left,
    publicId: uuidv7(),
    position: left.position + 1,
    previousHash: left.hash,
    fromState: left.toState,
    toState: 'ConsentGiven' as const,
    method: ConsentMethod.ACCEPT_ALL,
  }
  // The runtime account may insert: whoever has taken over the product can.
  await product.connections.db.manager.insert(ConsentEvent, { ...forged, hash: hashOf(forged) })

  expect(onlyBreak(await verified())).toEqual({
    reader: readers[16]?.publicId,
    position: left.position + 1,
    what: 'makes consent without a double opt-in',
  })
})

test.each([
  [
    "UPDATE purpose_version SET description = 'We may send anything' LIMIT 1",
    /^the words of purpose version/,
  ],
  ["UPDATE policy_version SET html = CONCAT(html, ' ') LIMIT 1", /^the text of policy version/],
  ["UPDATE consent_terms SET document = '{}'", /^names terms that are not there$/],
])('texts that were agreed to: %s', async (sql, what) => {
  await intruder.run(sql)

  expect((await verified()).breaks[0]?.what).toMatch(what)
})

test('a checkpoint taken out of the database is still in STATE_DIR, and none is made over it', async () => {
  await intruder.run('DELETE FROM ledger_checkpoint WHERE number = 2')

  expect(onlyBreak(await verdict(product))).toEqual({
    checkpoint: 2,
    what: 'is in STATE_DIR and not in the database',
  })
  const { code, err } = await runWeinterrupt(product.env, 'ledger', 'checkpoint')
  expect(code).toBe(1)
  expect(err).toContain('Checkpoint 2 is in STATE_DIR and not in the database')
})

test('a checkpoint taken out of both, the next one being there', async () => {
  await intruder.run('DELETE FROM ledger_checkpoint WHERE number = 1')
  writeFileSync(file, sealed.split('\n').slice(1).join('\n'))

  const { breaks } = await verified()

  expect(breaks[0]).toEqual({ checkpoint: 2, what: 'comes after 0: what was between is missing' })
})

test.each([
  [
    'body = REPLACE(body, \'"events":\', \'"events":1\')',
    'a checkpoint in the database has no valid signature',
  ],
  ['signature = REVERSE(signature)', 'a checkpoint in the database has no valid signature'],
  ['chunks = REVERSE(chunks)', 'has other digests than were signed'],
])('a changed checkpoint: %s', async (change, what) => {
  await intruder.run(`UPDATE ledger_checkpoint SET ${change} WHERE number = 1`)

  expect((await verified()).breaks).toContainEqual(expect.objectContaining({ what }))
})

test('a damaged line in STATE_DIR', async () => {
  writeFileSync(file, sealed.replace('{', '['))

  expect((await verified()).breaks).toEqual([{ what: 'line 1 of ledger.jsonl in STATE_DIR is damaged' }])
})

test('checkpoints that a restored backup lost are told of, and new ones go on from there', async () => {
  await intruder.run('DELETE FROM ledger_checkpoint WHERE number = 2')
  await intruder.run('UPDATE epoch SET ended_at = UTC_TIMESTAMP(3)')
  const epoch = uuidv7()
  await intruder.run('INSERT INTO epoch (id, generation, started_at) VALUES (?, 9, UTC_TIMESTAMP(3))', [
    epoch,
  ])
  expect((await verified()).breaks).toEqual([
    { checkpoint: 2, what: 'is in STATE_DIR and not in the database' },
  ])
  const seen = readSeenEpoch(product.config.stateDir) as SeenEpoch
  writeSeenEpoch(product.config.stateDir, { epoch, generation: 9 })

  const before = await verified()
  const made = await makeCheckpoint(product)
  const after = await verified()
  writeSeenEpoch(product.config.stateDir, seen)

  expect(before).toMatchObject({ breaks: [], checkpoints: 1, uncovered: { events: 8 } })
  expect(before.notes).toEqual([
    expect.stringMatching(/^Checkpoint 2 of .* went with the database that a backup replaced\.$/),
  ])
  expect(made.number).toBe(2)
  expect(after).toMatchObject({ breaks: [], checkpoints: 2, uncovered: { events: 0 } })
})
