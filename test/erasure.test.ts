// A canary person planted in every table: the copy finds all of it, an erasure leaves nothing, and they can come back.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Reader } from '../src/entities/reader'
import { beginErasure } from '../src/privacy/begin-erasure'
import { claimRequest } from '../src/privacy/data-requests'
import { finishErasure } from '../src/privacy/finish-erasure'
import { transaction } from '../src/transaction'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  tokenIn,
} from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { dumpToFile, restoreFromFile } from './support/backup'
import { plantEverywhere } from './support/canary-person'
import { until } from './support/checker'
import { runWeinterrupt } from './support/command'
import { confirmByApi, pending } from './support/confirming'
import { fileOf, importFile, refusedRows } from './support/importing'
import { mailsTo, waitForMail } from './support/mail'
import {
  askForCopy,
  askForErasure,
  enterDownloadCode,
  filesIn,
  loggedInReader,
  provenReader,
  readyMail,
  requestRow,
  untilRequest,
} from './support/own-data'
import { type Product, startProduct, sweeps } from './support/product'
import { eventsOf, hashOfAddress, readerOf, suppressionsOf } from './support/rows'
import { startNewsletter } from './support/started'

const WORD = 'zanzibarcanary'

let product: Product
let admin: Staff
let topicId: string
let stopWorker: () => Promise<void>

beforeAll(async () => {
  product = await startProduct({ worker: false })
  stopWorker = product.startWorker()
  admin = await makeStaff(product, 'ADMIN')
  topicId = (await makeTopic(product, admin, 'weekly', 'Weekly')).id
  await makeNewsletter(product, admin, topicId)
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager

const ERASE = `mutation ($id: ID!, $reason: String!, $child: Boolean!) {
  readerErase(id: $id, reason: $reason, child: $child) {
    dataRequest { id status } alreadyPassed userErrors { code field } } }`
const eraseAsAdmin = async (id: string, reason: string, child = false): Promise<AnyData> =>
  (await ok(product, ERASE, { id, reason, child }, { token: admin.token })).readerErase

/** Everything that is written anywhere: the dump as text, Redis, the state folder. */
async function everythingWritten(): Promise<string> {
  const redis = new Redis(product.config.redisUrls[0] ?? '')
  const keys = await redis.keys('*')
  const values = await Promise.all(
    keys.map(async key => (await redis.dumpBuffer(key))?.toString('latin1') ?? ''),
  )
  redis.disconnect()
  const { stateDir } = product.config
  const files = readdirSync(stateDir)
    .map(name => join(stateDir, name))
    .filter(file => statSync(file).isFile())
  const dump = readFileSync(await dumpToFile(product), 'latin1')
  return [dump, ...keys, ...values, ...files.map(file => readFileSync(file, 'latin1'))].join('\n')
}

/** A word as it is, and as dumps and programs spell one. */
const spellings = (text: string): string[] => [
  text,
  text.toUpperCase(),
  encodeURIComponent(text),
  Buffer.from(text).toString('hex'),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
]

async function expectNothingLeft(words: readonly string[], readerId: number): Promise<void> {
  const text = await everythingWritten()
  for (const word of words)
    for (const spelling of spellings(word)) expect(text.includes(spelling) ? spelling : '').toBe('')
  const rest = await manager().findOneBy(Reader, { id: readerId })
  expect(rest).toMatchObject({
    emailSealed: null,
    nameSealed: null,
    addressHash: null,
    timeZone: null,
    domain: 'und',
    locale: 'und',
  })
}

test('a copy has all that was planted in every table, within a minute; an erasure leaves none of it, an import brings nobody back, and the person can come back', async () => {
  const name = `Ada ${WORD}`
  const person = { name, timeZone: 'Pacific/Apia', email: `canary.lovelace+${Date.now()}@example.org` }
  const { email, accessToken, reader } = await provenReader(product, person)
  const planted = await plantEverywhere(product, reader, WORD)
  expect(new Set(planted.map(({ table }) => table)).size).toBeGreaterThanOrEqual(5)
  expect(await everythingWritten()).toContain(WORD)

  const mails = mailsTo(product, email).length
  const asked = await askForCopy(product, accessToken)
  expect(asked).toMatchObject({ dataRequest: { kind: 'EXPORT' }, codeSent: false, userErrors: [] })
  expect(asked.dataRequest.daysLeft).toBeGreaterThan(26)
  const { path, code } = await readyMail(product, email, mails + 1)
  const [{ seconds }] = await manager().query(
    `SELECT TIMESTAMPDIFF(MICROSECOND, r.requested_at, n.created_at) / 1e6 AS seconds
     FROM data_request r JOIN notice n ON n.id = r.notice_id WHERE r.public_id = ?`,
    [asked.dataRequest.id],
  )
  expect(Number(seconds)).toBeGreaterThan(0)
  expect(Number(seconds)).toBeLessThan(60)
  const files = await filesIn(await enterDownloadCode(product, path, code))
  const json = JSON.parse(files['data.json'] ?? '')
  expect(json.data.reader.rows).toMatchObject([{ email, name, timeZone: 'Pacific/Apia' }])
  for (const { table, property, mark } of planted) {
    expect(`${table}.${property}: ${JSON.stringify(json.data[table]?.rows)}`).toContain(mark)
    expect(`${table}.${property}: ${files[`${table}.csv`]}`).toContain(mark)
  }
  expect(json.data.consent_event.rows).toHaveLength((await eventsOf(product, email)).length)
  expect(json.purposes.map((one: AnyData) => one.key)).toContain('topic:weekly')

  const hash = hashOfAddress(product, email)
  const { dataRequest } = await askForErasure(product, accessToken)
  const receipt = await waitForMail(product, email, mails + 2)
  expect([receipt.subject, receipt.text.includes(WORD), /https?:/.test(receipt.text)]).toEqual([
    'Your data at We Interrupt is deleted',
    false,
    false,
  ])
  await untilRequest(product, dataRequest.id, 'COMPLETED')
  await expectNothingLeft([email, email.split('@')[0] ?? '', name, WORD, 'Pacific/Apia'], reader.id)
  expect(JSON.parse((await requestRow(product, dataRequest.id)).receipt ?? '')).toMatchObject({
    erased: { registration: expect.any(Number), reader_session: expect.any(Number), reader: 1 },
    kept: { proof: true },
  })
  expect(await manager().query('SELECT * FROM data_export WHERE reader_id = ?', [reader.id])).toEqual([])
  for (const table of ['registration', 'notice', 'reader_code'])
    expect([table, await manager().query(`SELECT * FROM ${table} WHERE address_hash = ?`, [hash])]).toEqual([
      table,
      [],
    ])
  const states: { to_state: string }[] = await manager().query(
    'SELECT to_state FROM consent_event WHERE principal = ? ORDER BY position',
    [reader.publicId],
  )
  expect(states.at(-1)?.to_state).toBe('ConsentWithdrawn')
  await sweeps(2)
  expect(mailsTo(product, email)).toHaveLength(mails + 2)

  expect(await suppressionsOf(product, email)).toContain('ERASED')
  expect(refusedRows(await importFile(product, admin, fileOf({ email })))).toEqual(['2 SUPPRESSED'])
  expect(await manager().existsBy(Reader, { addressHash: hash })).toBe(false)
  await register(product, await registerInput(product, ['topic:weekly'], { email }))
  const again = await waitForMail(product, email, mails + 3)
  expect((await confirmByApi(product, tokenIn(again, 'c'))).reader).toMatchObject({ status: 'ACTIVE' })
  expect(await suppressionsOf(product, email)).toEqual([])
  expect((await readerOf(product, email)).id).not.toBe(reader.id)
})

test('an erasure is a barrier: open deliveries are skipped as ERASED, and what had passed its gate is named', async () => {
  const [passed, open] = [await provenReader(product), await provenReader(product)]
  await stopWorker()
  try {
    const started = await startNewsletter(product, admin, topicId)
    expect((await started.gate(passed.reader.id)).kind).toBe('passed')

    const first = await askForErasure(product, passed.accessToken)
    const second = await askForErasure(product, open.accessToken)

    expect([first.alreadyPassed.length, second.alreadyPassed]).toEqual([1, []])
    expect(await started.row(open.reader.id)).toMatchObject({ status: 'skipped', skipReason: 'ERASED' })
    expect(await started.gate(open.reader.id)).toEqual({ kind: 'refused', reason: 'ERASED' })
    stopWorker = product.startWorker()
    // The log of what went out is needed until the server has answered for it.
    await untilRequest(product, second.dataRequest.id, 'COMPLETED')
    expect((await requestRow(product, first.dataRequest.id)).status).not.toBe('COMPLETED')
    await manager().query(
      "UPDATE delivery SET status = 'sent', diagnostic = 'zanzibar' WHERE reader_id = ? AND status = 'sending'",
      [passed.reader.id],
    )
    await untilRequest(product, first.dataRequest.id, 'COMPLETED')
    expect(await started.row(passed.reader.id)).toMatchObject({ status: 'sent', diagnostic: null })
  } finally {
    await stopWorker()
    stopWorker = product.startWorker()
  }
})

test('an erasure that is killed in the middle is ended by the next worker, and two workers do it once', async () => {
  const { email, reader } = await loggedInReader(product, { name: 'Killed Midway' })
  const { db, keyring } = product.connections
  await stopWorker()
  const order = { origin: 'STAFF', isChild: false } as const
  const begun = await transaction(db, tx => beginErasure(tx, keyring, reader.id, order))
  if (!begun) throw new Error('Nothing to erase')
  const claimed = await transaction(db, tx => claimRequest(tx, begun.request.id, 1))
  if (!claimed) throw new Error('Not due')
  // The worker dies in its transaction: all or nothing.
  const dies = transaction(db, async tx => {
    await finishErasure(tx, claimed, () => Promise.resolve())
    throw new Error('killed')
  })
  await expect(dies).rejects.toThrow('killed')
  expect((await manager().findOneByOrFail(Reader, { id: reader.id })).emailSealed).not.toBeNull()

  stopWorker = product.startWorker()
  const alsoStop = product.startWorker()
  await untilRequest(product, begun.request.publicId, 'COMPLETED')
  await alsoStop()
  await expectNothingLeft([email, 'Killed Midway'], reader.id)
  // Whoever was frozen and comes back finds that it is done.
  const late = transaction(db, tx => finishErasure(tx, claimed, () => Promise.resolve()))
  expect(await late).toBe('lost')
})

test('while no mail server takes the receipt the address stays, but for no longer than an hour', async () => {
  const { email, accessToken, reader } = await provenReader(product)
  await stopWorker()
  const { dataRequest } = await askForErasure(product, accessToken)
  const mails = mailsTo(product, email).length
  await manager().query("UPDATE notice SET due_at = due_at + INTERVAL 1 DAY WHERE kind = 'erasure'")
  stopWorker = product.startWorker()
  await sweeps(3)
  expect((await requestRow(product, dataRequest.id)).status).toBe('QUEUED')

  await manager().query(
    'UPDATE data_request SET requested_at = requested_at - INTERVAL 61 MINUTE WHERE public_id = ?',
    [dataRequest.id],
  )
  await untilRequest(product, dataRequest.id, 'COMPLETED')
  await expectNothingLeft([email], reader.id)
  expect(mailsTo(product, email)).toHaveLength(mails)
})

test('of a child even the proof goes: nothing stays but the hash of the address, no mail is sent, and the ledger adds up', async () => {
  const { email, reader } = await loggedInReader(product, { name: 'Too Young' })
  const mails = mailsTo(product, email).length
  const done = await eraseAsAdmin(reader.publicId, 'a parent wrote', true)
  expect(done.userErrors).toEqual([])
  await untilRequest(product, done.dataRequest.id, 'COMPLETED')

  const hash = hashOfAddress(product, email)
  for (const [table, column, value] of [
    ['reader', 'id', reader.id],
    ['consent', 'reader_id', reader.id],
    ['consent_event', 'principal', reader.publicId],
    ['registration', 'address_hash', hash],
    ['notice', 'address_hash', hash],
    ['audit_event', 'target', reader.publicId],
  ])
    expect([table, await manager().query(`SELECT * FROM ${table} WHERE ${column} = ?`, [value])]).toEqual([
      table,
      [],
    ])
  const tables: { name: string }[] = await manager().query(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND column_name = 'reader_id'`,
  )
  for (const { name } of tables)
    expect([name, await manager().query(`SELECT * FROM ${name} WHERE reader_id = ?`, [reader.id])]).toEqual([
      name,
      [],
    ])
  const text = await everythingWritten()
  for (const word of [email, 'Too Young']) expect(text).not.toContain(word)
  expect(await suppressionsOf(product, email)).toEqual(['ERASED'])
  expect(mailsTo(product, email)).toHaveLength(mails)
  const query = '{ auditEvents(first: 1) { nodes { action target reason } } }'
  expect((await ok(product, query, {}, { token: admin.token })).auditEvents.nodes).toEqual([
    { action: 'data.erase-child', target: done.dataRequest.id, reason: 'a parent wrote' },
  ])
  expect(await runWeinterrupt(product.env, 'ledger', 'verify')).toMatchObject({ code: 0 })
})

test('a restored backup is erased again by the release, without another mail', async () => {
  const { email, accessToken, reader } = await provenReader(product, { name: 'Restored Ruth' })
  const dump = await dumpToFile(product)
  const { dataRequest } = await askForErasure(product, accessToken)
  await untilRequest(product, dataRequest.id, 'COMPLETED')
  const journal = () => readFileSync(join(product.config.stateDir, 'deny.jsonl'), 'utf8')
  await until(() => journal().includes(hashOfAddress(product, email).toString('hex')), 'it is in the journal')
  const mails = mailsTo(product, email).length
  await stopWorker()

  await restoreFromFile(product, dump)
  expect((await readerOf(product, email)).erasedAt).toBeNull()
  stopWorker = product.startWorker()
  await until(async () => {
    const [site] = await manager().query('SELECT held_at FROM site')
    return site.held_at !== null
  }, 'the site is held')
  expect(await runWeinterrupt(product.env, 'release', '--reason', 'disk replaced')).toMatchObject({ code: 0 })

  await until(async () => {
    const rest = await manager().findOneByOrFail(Reader, { id: reader.id })
    return rest.emailSealed === null && rest.domain === 'und'
  }, 'erased again')
  await expectNothingLeft([email, 'Restored Ruth'], reader.id)
  expect(mailsTo(product, email)).toHaveLength(mails)
  expect(await suppressionsOf(product, email)).toEqual(['ERASED'])
})

test('an address that only waits in a sign-up is erased too, by the command line, and cannot be told from an unknown one', async () => {
  const { email } = await pending(product, { name: 'Waiting Wanda' })
  const known = await runWeinterrupt(product.env, 'dsar', 'erase', email, '--reason', 'a letter', '--json')
  const unknown = await runWeinterrupt(
    product.env,
    'dsar',
    'erase',
    'nobody@example.org',
    '--reason',
    'x',
    '--json',
  )

  expect([known.code, unknown.code]).toEqual([0, 0])
  const { request, alreadyPassed } = JSON.parse(known.out)
  expect(alreadyPassed).toEqual([])
  await untilRequest(product, request, 'COMPLETED')
  const text = await everythingWritten()
  expect(text).not.toContain(email)
  expect(await suppressionsOf(product, email)).toEqual(['ERASED'])
  expect((await runWeinterrupt(product.env, 'dsar', 'erase', 'no address', '--reason', 'x')).code).toBe(1)
  expect((await runWeinterrupt(product.env, 'dsar', 'erase', email, '--reason', ' ')).code).toBe(1)
})

test('an admin erases with a reason and a fresh password; whoever was erased cannot be erased again', async () => {
  const { email, reader } = await loggedInReader(product)
  const codes = (answer: AnyData) => answer.userErrors.map((one: AnyData) => one.code)
  expect(codes(await eraseAsAdmin(reader.publicId, ' '))).toEqual(['REQUIRED'])
  expect(codes(await eraseAsAdmin(reader.publicId, 'x'.repeat(501)))).toEqual(['TOO_LONG'])
  await manager().query('UPDATE staff_session SET proven_at = proven_at - INTERVAL 11 MINUTE')
  expect(codes(await eraseAsAdmin(reader.publicId, 'asked by letter'))).toEqual(['REAUTH_REQUIRED'])
  await manager().query('UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3)')
  const unknown = { id: '01a204a8-3f96-73c9-a3f3-55208d5b8597', reason: 'x', child: false }
  expect((await graphql(product, ERASE, unknown, { token: admin.token })).errors?.[0]?.extensions.code).toBe(
    'NOT_FOUND',
  )
  expect((await readerOf(product, email)).erasedAt).toBeNull()

  const done = await eraseAsAdmin(reader.publicId, `asked by letter from ${email}`)
  expect(done.userErrors).toEqual([])
  await untilRequest(product, done.dataRequest.id, 'COMPLETED')
  expect(codes(await eraseAsAdmin(reader.publicId, 'again'))).toEqual(['INVALID_STATE'])
  const query = '{ auditEvents(first: 1) { nodes { action target reason } } }'
  expect((await ok(product, query, {}, { token: admin.token })).auditEvents.nodes).toEqual([
    { action: 'data.erase', target: reader.publicId, reason: 'asked by letter from [address]' },
  ])
})
