import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { ImportJob } from '../src/entities/import-job'
import { Reader } from '../src/entities/reader'
import { write } from '../src/transaction'
import { makeStaff, makeTopic, type Staff, uniqueAddress } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { until } from './support/checker'
import { dumpDatabase, everythingStored } from './support/dump'
import { fileOf, HEADER, importOf, line, START, startImport, upload } from './support/importing'
import { type Product, startProduct } from './support/product'
import { hashOfAddress } from './support/rows'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager
const readersOf = (emails: readonly string[]): Promise<number> =>
  Promise.all(
    emails.map(email => manager().countBy(Reader, { addressHash: hashOfAddress(product, email) })),
  ).then(counts => counts.reduce((sum, count) => sum + count, 0))

const input = (change: Record<string, unknown> = {}) => ({
  fileName: 'readers.csv',
  evidenceColumns: ['source', 'consented_at', 'wording'],
  policyVersion: '1',
  topicSlugs: ['weekly'],
  ...change,
})

describe('importStart', () => {
  test.each([
    ['without a file name', { fileName: ' ' }, 'REQUIRED', 'fileName'],
    ['with a file name that is too long', { fileName: 'x'.repeat(201) }, 'TOO_LONG', 'fileName'],
    ['without evidence', { evidenceColumns: [] }, 'EVIDENCE_MISSING', 'evidenceColumns'],
    ['with two columns of evidence', { evidenceColumns: ['a', 'b'] }, 'EVIDENCE_MISSING', 'evidenceColumns'],
    ['with the same column twice', { evidenceColumns: ['a', 'b', 'A '] }, 'INVALID', 'evidenceColumns'],
    ['with a column without a name', { evidenceColumns: ['a', 'b', ''] }, 'INVALID', 'evidenceColumns'],
    ['with five columns', { evidenceColumns: ['a', 'b', 'c', 'd', 'e'] }, 'INVALID', 'evidenceColumns'],
    ['with a policy version to come', { policyVersion: '2' }, 'NOT_FOUND', 'policyVersion'],
    ['with a policy version that is none', { policyVersion: '1 OR 1=1' }, 'NOT_FOUND', 'policyVersion'],
    ['with an unknown topic', { topicSlugs: ['weekly', 'none'] }, 'NOT_FOUND', 'topicSlugs'],
    ['with too many topics', { topicSlugs: Array(60).fill('weekly') }, 'NOT_FOUND', 'topicSlugs'],
  ])('%s starts nothing', async (_what, change, code, field) => {
    const before = await dumpDatabase(product, 'import_job', 'audit_event')

    const { importStart } = await ok(product, START, { input: input(change) }, { token: admin.token })

    expect(importStart).toEqual({
      import: null,
      uploadUrl: null,
      userErrors: [{ code, field: ['input', field] }],
    })
    expect(await dumpDatabase(product, 'import_job', 'audit_event')).toEqual(before)
  })

  test('asks for the password again when it was entered a while ago', async () => {
    const late = await makeStaff(product, 'ADMIN')
    await write(manager(), 'UPDATE staff_session SET proven_at = proven_at - INTERVAL 11 MINUTE')

    const { importStart } = await ok(product, START, { input: input() }, { token: late.token })

    expect(importStart).toEqual({
      import: null,
      uploadUrl: null,
      userErrors: [{ code: 'REAUTH_REQUIRED', field: null }],
    })
    admin = await makeStaff(product, 'ADMIN')
  })

  test('is for admins alone, and leaves an audit event; addresses in the file name are masked', async () => {
    const publisher = await makeStaff(product, 'PUBLISHER')
    const refused = await graphql(product, START, { input: input() }, { token: publisher.token })
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')

    const { id } = await startImport(product, admin, { fileName: 'list of ada@example.org.csv' })

    expect(await importOf(product, admin, id)).toMatchObject({
      status: 'QUEUED',
      fileName: 'list of [address]',
      rows: 0,
      problem: null,
    })
    const { auditEvents } = await ok(
      product,
      '{ auditEvents(first: 1) { nodes { action target reason } } }',
      {},
      { token: admin.token },
    )
    expect(auditEvents.nodes).toEqual([
      { action: 'import.start', target: id, reason: 'policy 1, topics weekly' },
    ])
  })
})

describe('the upload', () => {
  test('answers with the counts once the last row is done, and the import shows the hash of the file', async () => {
    const { id, url } = await startImport(product, admin)

    const sent = await upload(url, fileOf({ email: uniqueAddress() }, { email: 'nobody' }))

    expect(sent).toEqual({
      status: 200,
      body: { id, status: 'COMPLETED', rows: 2, accepted: 1, unchanged: 0, rejectedCount: 1, problem: null },
    })
    const job = await importOf(product, admin, id)
    expect(job.fileHash).toMatch(/^[0-9a-f]{64}$/)
    expect(job.rejected).toEqual([
      { row: 3, code: 'INVALID', message: 'This is not an address we can send to.' },
    ])
    const { auditEvents } = await ok(
      product,
      '{ auditEvents(first: 1) { nodes { action target reason } } }',
      {},
      { token: admin.token },
    )
    expect(auditEvents.nodes[0]).toEqual({
      action: 'import.end',
      target: id,
      reason: 'completed: 1 accepted, 0 unchanged, 1 refused',
    })
  })

  test('takes one file: a second is refused, whatever is in it', async () => {
    const { url } = await startImport(product, admin)
    await upload(url, fileOf({ email: uniqueAddress() }))
    const email = uniqueAddress()

    const again = await upload(url, fileOf({ email }))

    expect(again).toMatchObject({ status: 409, body: { error: { code: 'over' } } })
    expect(await readersOf([email])).toBe(0)
  })

  test.each([
    ['an unknown ticket', () => 'A'.repeat(43)],
    ['half a ticket', (ticket: string) => ticket.slice(0, 20)],
    ['no ticket at all', () => '%00'],
  ])('%s opens nothing', async (_what, change) => {
    const { url } = await startImport(product, admin)
    const email = uniqueAddress()
    const other = url.replace(/[^/]+$/, ticket => change(ticket))

    expect(await upload(other, fileOf({ email }))).toMatchObject({
      status: 404,
      body: { error: { code: 'ticket' } },
    })
    expect(await readersOf([email])).toBe(0)
  })

  test('a ticket is over after a day, and when who started it is no admin any more', async () => {
    const gone = await makeStaff(product, 'ADMIN')
    const [late, orphaned] = [await startImport(product, admin), await startImport(product, gone)]
    await write(
      manager(),
      'UPDATE import_job SET expires_at = expires_at - INTERVAL 25 HOUR WHERE public_id = ?',
      [late.id],
    )
    await write(
      manager(),
      "UPDATE staff_user u JOIN import_job i ON i.staff_id = u.id SET u.role = 'PUBLISHER' WHERE i.public_id = ?",
      [orphaned.id],
    )
    const email = uniqueAddress()

    for (const { url } of [late, orphaned]) expect((await upload(url, fileOf({ email }))).status).toBe(404)

    expect(await importOf(product, admin, late.id)).toMatchObject({ status: 'EXPIRED' })
    expect(await readersOf([email])).toBe(0)
  })

  test('only PUT is answered, and a compressed file is refused', async () => {
    const { url } = await startImport(product, admin)
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await fetch(url, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'PUT'])
    }
    const zipped = await upload(url, fileOf({ email: uniqueAddress() }), { 'content-encoding': 'gzip' })
    expect(zipped).toMatchObject({ status: 415, body: { error: { code: 'encoded' } } })
  })

  test('nothing is taken in while the site is held after a restore', async () => {
    const { url } = await startImport(product, admin)
    await write(manager(), 'UPDATE site SET held_at = UTC_TIMESTAMP(3)')
    const email = uniqueAddress()

    const held = await upload(url, fileOf({ email }))
    await write(manager(), 'UPDATE site SET held_at = NULL')

    expect(held).toMatchObject({ status: 409, body: { error: { code: 'held' } } })
    expect(await readersOf([email])).toBe(0)
    expect((await upload(url, fileOf({ email }))).body).toMatchObject({ accepted: 1 })
  })
})

describe('a sending that breaks off', () => {
  const emails = Array.from({ length: 1200 }, uniqueAddress)
  const whole = fileOf(...emails.map(email => ({ email })))

  /** Sends the first part and closes the connection when so many rows are done. */
  async function breakOff(id: string, url: string, part: string, rows: number): Promise<void> {
    const sending = httpRequest(url, { method: 'PUT' })
    sending.on('error', () => {})
    sending.write(part)
    await until(async () => (await importOf(product, admin, id)).rows >= rows, 'rows are done')
    sending.destroy()
  }

  test('goes on where it was when the file is sent again, and counts nothing twice', async () => {
    const { id, url } = await startImport(product, admin)
    await breakOff(id, url, whole.slice(0, (whole.length * 2) / 3), 500)

    expect(await importOf(product, admin, id)).toMatchObject({ status: 'RUNNING', rows: 500, accepted: 500 })
    const events = (await dumpDatabase(product, 'consent_event')).consent_event?.length ?? 0
    const again = await upload(url, whole)

    expect(again.body).toMatchObject({ status: 'COMPLETED', rows: 1200, accepted: 1200, unchanged: 0 })
    expect(await readersOf(emails)).toBe(1200)
    expect((await dumpDatabase(product, 'consent_event')).consent_event).toHaveLength(events + 700)
  })

  test('does not go on with another file', async () => {
    const others = Array.from({ length: 600 }, uniqueAddress)
    const { id, url } = await startImport(product, admin)
    await breakOff(id, url, `${fileOf(...others.map(email => ({ email })))}\n`, 500)
    const changed = [uniqueAddress(), ...others.slice(1)]

    const other = await upload(url, fileOf(...changed.map(email => ({ email }))))
    const shorter = await upload(url, fileOf({ email: others[0] }))

    for (const answer of [other, shorter])
      expect(answer).toMatchObject({ status: 409, body: { error: { code: 'other-file' } } })
    expect(await importOf(product, admin, id)).toMatchObject({ status: 'RUNNING', rows: 500 })
    expect(await readersOf(changed.slice(500))).toBe(0)
  })

  test('is taken over by whoever sends the file again: the one before writes nothing more', async () => {
    const mine = Array.from({ length: 1500 }, uniqueAddress)
    const text = fileOf(...mine.map(email => ({ email })))
    const { id, url } = await startImport(product, admin)
    const first = httpRequest(url, { method: 'PUT' })
    const refused = new Promise<number | undefined>(done =>
      first.on('response', answer => done(answer.statusCode)),
    )
    first.on('error', () => {})
    first.write(text.slice(0, (text.length * 2) / 3))
    await until(async () => (await importOf(product, admin, id)).rows >= 500, 'the first is under way')

    expect((await upload(url, text)).body).toMatchObject({ status: 'COMPLETED', rows: 1500, accepted: 1500 })
    first.end(text.slice((text.length * 2) / 3))

    expect(await refused).toBe(409)
    expect(await importOf(product, admin, id)).toMatchObject({ rows: 1500, accepted: 1500, unchanged: 0 })
  })
})

test('progress is told live, to admins alone', async () => {
  const { id, url } = await startImport(product, admin)
  const follow = (token: string) =>
    fetch(`${product.url}/graphql/staff/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        query: 'subscription ($id: ID!) { importProgress(id: $id) { status rows accepted } }',
        variables: { id },
      }),
    }).then(response => response.text())
  const events = follow(admin.token)
  await upload(url, fileOf({ email: uniqueAddress() }))

  expect(await events).toContain('{"importProgress":{"status":"COMPLETED","rows":1,"accepted":1}}')
  expect(await follow((await makeStaff(product, 'PUBLISHER')).token)).toContain('FORBIDDEN')
})

test('nothing of a file is kept but what became readers', async () => {
  const mark = `canary-${randomBytes(8).toString('hex')}`
  const { url } = await startImport(product, admin)
  const file = `${HEADER},remark\n${line({ email: uniqueAddress(), source: mark, wording: `Yes ${mark}` })},${mark}\n`

  expect((await upload(url, file)).body).toMatchObject({ accepted: 1 })

  expect(await everythingStored(product)).not.toContain(mark)
  const jobs: AnyData[] = await manager().find(ImportJob)
  expect(jobs.every(job => Buffer.isBuffer(job.ticketHash))).toBe(true)
  expect(await everythingStored(product)).not.toContain(url.split('/').at(-1))
})
