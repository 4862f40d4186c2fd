import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { deleteEvents } from '../src/consent/delete-events'
import { withdraw } from '../src/consent/withdraw'
import { Consent } from '../src/entities/consent'
import { ConsentEvent, ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { createLedgerSigner } from '../src/secrets/ledger-signer'
import { transaction, write } from '../src/transaction'
import { makeStaff, makeTopic } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { dumpDatabase } from './support/dump'
import { makeCheckpoint, verdict } from './support/ledger'
import { type Product, startProduct } from './support/product'

let product: Product
let readers: KnownReader[]

beforeAll(async () => {
  product = await startProduct({ worker: false })
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
  readers = await makeReaders(product, 8)
  await makeCheckpoint(product)
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager
const eventsOf = ({ publicId }: KnownReader) => manager().findBy(ConsentEvent, { principal: publicId })
const erase = ({ publicId }: KnownReader, signer = createLedgerSigner(product.connections.keyring)) =>
  transaction(product.connections.db, tx =>
    deleteEvents(tx, signer, publicId, { basis: 'CHILD', actor: 'staff:somebody' }),
  )
const reader = (index: number) => readers[index] as KnownReader

test('what the law wants gone goes with a signed tombstone, and the ledger is whole', async () => {
  expect(await erase(reader(0))).toBe(2)
  expect(await erase(reader(0))).toBe(0)

  expect(await eventsOf(reader(0))).toEqual([])
  expect(await manager().findBy(Consent, { readerId: reader(0).id })).toEqual([])
  expect(await verdict(product)).toMatchObject({ ok: true, tombstones: 1, readers: 7, checkpoints: 1 })
  const { tombstone } = await dumpDatabase(product, 'tombstone')
  expect(tombstone?.[0]).toContain('CHILD')
})

test('events deleted before any checkpoint covered them are covered by the next one', async () => {
  const [newcomer] = await makeReaders(product, 1)
  expect(await erase(newcomer as KnownReader)).toBe(2)
  await makeReaders(product, 1)

  await makeCheckpoint(product)

  expect(await verdict(product)).toMatchObject({ ok: true, checkpoints: 2, uncovered: { events: 0 } })
})

test('a checkpoint waits for an event whose id was taken earlier and that is committed later', async () => {
  const late = product.connections.db.createQueryRunner()
  await late.startTransaction('READ COMMITTED')
  await withdraw(late.manager, {
    readerId: reader(7).id,
    scope: 'all',
    surface: ConsentSurface.ONE_CLICK_HEADER,
    method: ConsentMethod.ONE_CLICK,
    newsletterId: null,
  })
  await makeReaders(product, 1)
  const newest = await manager().maximum(ConsentEvent, 'id' as never)

  const making = makeCheckpoint(product)
  await sleep(3000)
  await late.commitTransaction()
  await late.release()

  expect(await making).toMatchObject({ upTo: Number(newest), events: 3 })
  expect(await verdict(product)).toMatchObject({ ok: true, uncovered: { events: 0 } })
})

describe('nothing else deletes', () => {
  const attempts = [
    ['an event', 'DELETE FROM consent_event LIMIT 1'],
    ['a tombstone', 'DELETE FROM tombstone LIMIT 1'],
    ['what a tombstone names', 'DELETE FROM tombstone_event LIMIT 1'],
    ['what a tombstone says', "UPDATE tombstone SET body = '{}'"],
    ['what a tombstone names, to other events', 'UPDATE tombstone_event SET event_id = event_id + 1'],
    ['a checkpoint', 'DELETE FROM ledger_checkpoint LIMIT 1'],
    ['what a checkpoint says', "UPDATE ledger_checkpoint SET body = '{}'"],
    ['terms', 'DELETE FROM consent_terms LIMIT 1'],
    ['what terms say', "UPDATE consent_terms SET document = '{}'"],
  ] as const

  test.each(attempts)('the running product has no right to change %s', async (_what, sql) => {
    await expect(write(manager(), sql)).rejects.toThrow(/denied/)
  })

  test.each(attempts)('triggers keep the owner from changing %s', async (_what, sql) => {
    const owner = await mysql.createConnection(product.config.databaseMigrationUrl)

    await expect(owner.query(sql)).rejects.toThrow('append-only')

    await owner.end()
  })

  test('a tombstone that names too little, nothing, or the events of another', async () => {
    const before = await dumpDatabase(product)
    const [mine, other] = [await eventsOf(reader(1)), await eventsOf(reader(2))]
    const all = [...mine, ...other]
    for (const named of [mine.slice(1), [], all, other])
      await expect(
        transaction(product.connections.db, async tx => {
          const { insertId } = await tx.query(
            "INSERT INTO tombstone (principal, body, signature) VALUES (?, '{}', REPEAT('x', 64))",
            [reader(1).publicId],
          )
          for (const { id, principal, position, hash } of named)
            await write(
              tx,
              'INSERT INTO tombstone_event (event_id, tombstone_id, principal, position, hash) VALUES (?)',
              [[id, insertId, principal, position, hash]],
            )
          await tx.query('CALL delete_buried_events(?)', [insertId])
        }),
      ).rejects.toThrow('the tombstone does not name exactly the events of one reader')
    await expect(manager().query('CALL delete_buried_events(4711)')).rejects.toThrow('does not name')
    expect(await dumpDatabase(product)).toEqual(before)
  })
})

// These leave a broken ledger behind, so they come last.
test('a tombstone of somebody without the key is found', async () => {
  const stranger = createLedgerSigner({ ledgerSeed: Buffer.alloc(32, 7) })
  await erase(reader(3), stranger)

  expect(await verdict(product)).toMatchObject({
    ok: false,
    code: 1,
    breaks: [{ reader: reader(3).publicId, what: 'has a tombstone without a valid signature' }],
  })
})

test('an event written after its reader was buried, and a deleted event without a tombstone, are found', async () => {
  const [event] = await eventsOf(reader(4))
  await erase(reader(4))
  await manager().insert(ConsentEvent, { ...event, id: undefined })
  const [stray] = await eventsOf(reader(5))
  await write(
    manager(),
    'INSERT INTO tombstone_event (event_id, tombstone_id, principal, position, hash) VALUES (?)',
    [[stray?.id, 99_999, stray?.principal, stray?.position, stray?.hash]],
  )

  const { breaks } = await verdict(product)

  const of = (one: KnownReader) =>
    breaks.filter(found => found.reader === one.publicId).map(found => found.what)
  expect(of(reader(4))).toContain('is there although a tombstone says it was deleted')
  expect(of(reader(5))).toEqual(['has a deleted event without a tombstone'])
})
