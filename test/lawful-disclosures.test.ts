import { createHash } from 'node:crypto'
import mysql from 'mysql2/promise'
import { LawfulDisclosure } from '../src/entities/lawful-disclosure'
import type { Reader } from '../src/entities/reader'
import { collectData } from '../src/privacy/collect'
import { EXTRACT_DAYS, extractTicket } from '../src/privacy/lawful-disclosures'
import { subjectOf } from '../src/privacy/subject'
import { makeToken } from '../src/secrets/token'
import { write } from '../src/transaction'
import { makeReader, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, ok } from './support/api'
import { until } from './support/checker'
import { expectNoChange } from './support/dump'
import { approveCase, fetchExtract, lawfulInput, recordAnswer, recordCase, releaseTo } from './support/lawful'
import { mailsTo, waitForMail } from './support/mail'
import { filesIn } from './support/own-data'
import { minutesAgo, plantRow } from './support/plant-row'
import { type Product, startProduct, sweeps } from './support/product'
import { readerOf } from './support/rows'

let product: Product
let first: Staff
let second: Staff
let owner: mysql.Connection

beforeAll(async () => {
  product = await startProduct()
  first = await makeStaff(product, 'ADMIN')
  second = await makeStaff(product, 'ADMIN')
  owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  await makeTopic(product, first, 'weekly')
})
afterAll(async () => {
  await owner?.end()
  await product?.stop()
})

const manager = () => product.connections.db.manager
const soon = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()
const rowOf = (publicId: string) => manager().findOneByOrFail(LawfulDisclosure, { publicId })

const makePerson = async (change: AnyData = {}): Promise<{ email: string; reader: Reader }> => {
  const { email } = await makeReader(product, ['topic:weekly'], change)
  return { email, reader: await readerOf(product, email) }
}

const copyOf = async ({ id, publicId, addressHash }: Reader): Promise<AnyData> =>
  (await collectData(manager(), product.connections.keyring, subjectOf({ id, publicId }, addressHash))).data

const erase = (id: string) =>
  ok(
    product,
    'mutation ($id: ID!) { readerErase(id: $id, reason: "asked") { userErrors { code } } }',
    { id },
    { token: first.token },
  )

const acts = async (target: string): Promise<AnyData[]> =>
  (
    await ok(
      product,
      '{ auditEvents(first: 100) { nodes { actor action target reason } } }',
      {},
      { token: first.token },
    )
  ).auditEvents.nodes
    .filter((one: AnyData) => one.target === target)
    .reverse()

/** A case that another day has made, by the account that owns the tables; answers its public id. */
async function plantCase(readerId: number, values: Record<string, unknown>): Promise<LawfulDisclosure> {
  await plantRow(product, 'lawful_disclosure', {
    ...{ reader_id: readerId, authority: 'A court', basis: 'A law', file_number: '1', scope: 'All' },
    key_id: product.connections.keyring.currentId,
    ...values,
  })
  return manager().findOneOrFail(LawfulDisclosure, { where: { readerId }, order: { id: 'DESC' } })
}

describe('what an authority asks', () => {
  test.each<[string, AnyData, string, string]>([
    ['no authority', { authority: ' ' }, 'REQUIRED', 'authority'],
    ['no legal basis', { basis: '' }, 'REQUIRED', 'basis'],
    ['no reference', { reference: '\n' }, 'REQUIRED', 'reference'],
    ['no scope', { scope: '' }, 'REQUIRED', 'scope'],
    ['too long a basis', { basis: 'x'.repeat(201) }, 'TOO_LONG', 'basis'],
    ['too long a scope', { scope: 'x'.repeat(501) }, 'TOO_LONG', 'scope'],
    ['silence without a reason', { tellNotBefore: soon(60) }, 'REQUIRED', 'silenceReason'],
    ['a reason for silence without an end', { silenceReason: 'Ordered' }, 'REQUIRED', 'tellNotBefore'],
    [
      'silence until yesterday',
      { tellNotBefore: soon(-1440), silenceReason: 'x' },
      'INVALID',
      'tellNotBefore',
    ],
    ['silence for ever', { tellNotBefore: soon(4e6), silenceReason: 'x' }, 'INVALID', 'tellNotBefore'],
  ])('with %s is refused, and nothing is written', async (_, change, code, field) => {
    const { reader } = await makePerson()
    await expectNoChange(product, async () => {
      const { disclosure, userErrors } = await recordCase(product, first, reader.publicId, change)
      expect([disclosure, userErrors]).toEqual([null, [{ code, field: ['input', field] }]])
    })
  })

  test('about nobody, about something that is no id, or about who is erased is refused, and nothing is written', async () => {
    const { reader } = await makePerson()
    await erase(reader.publicId)
    await until(
      async () =>
        (await manager().query('SELECT 1 FROM data_request WHERE completed_at IS NOT NULL')).length > 0,
      'erased',
    )
    await expectNoChange(product, async () => {
      for (const id of ['0192f0c0-0000-7000-8000-000000000000', 'everybody', ''])
        expect((await recordAnswer(product, first, lawfulInput(id))).errors?.[0].extensions.code).toBe(
          'NOT_FOUND',
        )
      const { userErrors } = await recordCase(product, first, reader.publicId)
      expect(userErrors).toEqual([{ code: 'INVALID_STATE', field: ['input', 'readerId'] }])
    })
  })

  test('is about one reader: a list of them is no input', async () => {
    const input = { ...lawfulInput('x'), readerId: ['a', 'b'] }
    expect((await recordAnswer(product, first, input)).status).toBe(400)
  })

  test('holds no address: those in its words are masked', async () => {
    const { email, reader } = await makePerson()
    const { disclosure } = await recordCase(product, first, reader.publicId, { scope: `All about ${email}` })
    expect(disclosure.scope).toBe('All about [address]')
    expect(JSON.stringify(await acts(disclosure.id))).not.toContain(email)
  })
})

describe('the second person', () => {
  test('is somebody else, as long as there is anybody: who asked cannot approve, not even a day later', async () => {
    const { reader } = await makePerson()
    const { disclosure } = await recordCase(product, first, reader.publicId)
    const dayOld = await plantCase(reader.id, {
      requested_by_id: (await rowOf(disclosure.id)).requestedById,
      requested_at: minutesAgo(1441),
    })
    await expectNoChange(product, async () => {
      for (const id of [disclosure.id, dayOld.publicId]) {
        const answer = await approveCase(product, first, id)
        expect(answer.userErrors).toEqual([{ code: 'APPROVAL_REQUIRED', field: ['id'] }])
        expect(answer.disclosure).toMatchObject({ approvedBy: null, extractUrl: null })
      }
    })
    expect(await approveCase(product, second, disclosure.id)).toMatchObject({
      userErrors: [],
      disclosure: {
        requestedBy: 'An ADMIN',
        approvedBy: 'An ADMIN',
        extractUrl: expect.stringContaining('/lawful-'),
      },
    })
    expect((await approveCase(product, second, disclosure.id)).userErrors).toEqual([
      { code: 'INVALID_STATE', field: ['id'] },
    ])
  })

  test('has entered a password in the last minutes, for the yes and for the download', async () => {
    const { reader } = await makePerson()
    const { disclosure } = await recordCase(product, first, reader.publicId)
    const approved = await recordCase(product, first, reader.publicId)
    const { extractUrl } = (await approveCase(product, second, approved.disclosure.id)).disclosure
    const stale = await makeStaff(product, 'ADMIN')
    await write(
      manager(),
      'UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 11 MINUTE ORDER BY created_at DESC LIMIT 1',
    )
    await expectNoChange(product, async () => {
      expect((await approveCase(product, stale, disclosure.id)).userErrors).toEqual([
        { code: 'REAUTH_REQUIRED', field: null },
      ])
      const answer = await fetchExtract(product, extractUrl, stale.token)
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('REAUTH_REQUIRED')])
    })
  })

  test('where there is one admin alone is a day, and that is written down', async () => {
    const alone = await makeStaff(product, 'ADMIN')
    const { reader } = await makePerson()
    const { disclosure } = await recordCase(product, alone, reader.publicId)
    const { requestedById } = await rowOf(disclosure.id)
    await write(manager(), 'UPDATE staff_user SET disabled_at = UTC_TIMESTAMP(3) WHERE id <> ?', [
      requestedById,
    ])
    const ofYesterday = (minutes: number) =>
      plantCase(reader.id, { requested_by_id: requestedById, requested_at: minutesAgo(minutes) })
    const early = await ofYesterday(24 * 60 - 1)
    const late = await ofYesterday(24 * 60 + 1)
    for (const id of [disclosure.id, early.publicId])
      expect((await approveCase(product, alone, id)).userErrors).toEqual([
        { code: 'APPROVAL_REQUIRED', field: ['id'] },
      ])
    expect((await approveCase(product, alone, late.publicId)).userErrors).toEqual([])
    await write(manager(), 'UPDATE staff_user SET disabled_at = NULL')
    expect(await acts(late.publicId)).toMatchObject([
      { action: 'lawful.approve', reason: 'No second person: a day later instead' },
    ])
  })
})

describe('the extract', () => {
  test('is the reader’s own copy, of this reader alone, downloaded once; the reader is told, and every step is in the audit log', async () => {
    const { email, reader } = await makePerson({ name: 'Ada' })
    const other = await makePerson({ name: 'Grace' })
    const { disclosure } = await recordCase(product, first, reader.publicId)
    expect(disclosure.extractUrl).toBeNull()
    const { extractUrl } = (await approveCase(product, second, disclosure.id)).disclosure
    const mails = mailsTo(product, email).length

    const answers = await Promise.all([1, 2, 3].map(() => fetchExtract(product, extractUrl, second.token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410])
    const file = answers.find(({ status }) => status === 200) as Response
    expect([file.headers.get('content-type'), file.headers.get('cache-control')]).toEqual([
      'application/zip',
      'no-store',
    ])
    const bytes = Buffer.from(await file.clone().arrayBuffer())
    const files = await filesIn(file)
    const { data } = JSON.parse(files['data.json'] ?? '')
    expect(data.reader.rows).toMatchObject([{ email, name: 'Ada' }])
    expect(data.consent_event.rows.length).toBeGreaterThan(0)
    for (const text of Object.values(files))
      for (const stranger of [other.email, 'Grace', 'District court']) expect(text).not.toContain(stranger)

    const row = await rowOf(disclosure.id)
    expect(row.extractHash).toEqual(createHash('sha256').update(bytes).digest())
    expect((await fetchExtract(product, extractUrl, second.token)).status).toBe(410)
    const mail = await waitForMail(product, email, mails + 1)
    expect(mail.subject).toBe('Your data at We Interrupt was released to an authority')
    for (const words of [
      'District court of Testville',
      '§ 1 of the Testville act',
      '7 Ts 12/26',
      'Since when',
    ])
      for (const part of [mail.text, mail.html]) expect(part).toContain(words)

    const [asked, approved, handedOut] = await acts(disclosure.id)
    expect([asked?.action, approved?.action, handedOut?.action]).toEqual([
      'lawful.record',
      'lawful.approve',
      'lawful.hand-out',
    ])
    expect(asked?.actor).not.toBe(approved?.actor)
    expect(handedOut?.reason).toBe(`SHA-256 ${row.extractHash?.toString('hex')}`)
    expect((await acts(disclosure.id)).length).toBe(3)
    expect((await copyOf(reader)).lawful_disclosure.rows).toMatchObject([
      { authority: 'District court of Testville', fileNumber: '7 Ts 12/26', silenceReason: null },
    ])
    const { lawfulDisclosures } = await ok(
      product,
      '{ lawfulDisclosures(first: 1) { nodes { id reader { id } handedOutAt toldAt extractUrl } } }',
      {},
      { token: first.token },
    )
    expect(lawfulDisclosures.nodes).toEqual([
      {
        ...{ id: disclosure.id, reader: { id: reader.publicId }, extractUrl: null },
        ...{ handedOutAt: expect.any(String), toldAt: expect.any(String) },
      },
    ])
  })

  test('is for admins alone: the address opens nothing to others, and a wrong one nothing to admins', async () => {
    const { reader } = await makePerson()
    const { disclosure } = await recordCase(product, first, reader.publicId)
    const unapproved = extractTicket(product.connections.keyring, await rowOf(disclosure.id))
    const { extractUrl } = (
      await approveCase(product, second, (await recordCase(product, first, reader.publicId)).disclosure.id)
    ).disclosure
    const publisher = await makeStaff(product, 'PUBLISHER')
    const forged = makeToken(product.connections.keyring, 'export', Buffer.alloc(16, 1))
    await expectNoChange(product, async () => {
      const status = async (url: string, token?: string) => (await fetchExtract(product, url, token)).status
      const by = (ticket: string) => new URL(`/lawful-disclosures/${ticket}`, product.url).href
      expect(await status(extractUrl)).toBe(401)
      expect(await status(extractUrl, 'A'.repeat(43))).toBe(401)
      expect(await status(extractUrl, publisher.token)).toBe(403)
      for (const ticket of ['x', forged, 'a'.repeat(5_000)])
        expect(await status(by(ticket), first.token)).toBe(404)
      expect(await status(by(unapproved), first.token)).toBe(410)
      for (const method of ['GET', 'PUT', 'DELETE'])
        expect((await fetch(product.url + new URL(extractUrl).pathname, { method })).status).toBe(405)
    })
  })

  test(`waits ${EXTRACT_DAYS} days for its download and no longer`, async () => {
    const { reader } = await makePerson()
    const approvedAgo = (minutes: number) =>
      plantCase(reader.id, {
        ...{ requested_by_id: 1, approved_by_id: 2 },
        ...{ requested_at: minutesAgo(minutes), approved_at: minutesAgo(minutes) },
      })
    const open = await approvedAgo(EXTRACT_DAYS * 1440 - 5)
    const over = await approvedAgo(EXTRACT_DAYS * 1440 + 1)
    const { lawfulDisclosures } = await ok(
      product,
      '{ lawfulDisclosures(first: 2) { nodes { id extractUrl } } }',
      {},
      { token: first.token },
    )
    expect(lawfulDisclosures.nodes).toEqual([
      { id: over.publicId, extractUrl: null },
      { id: open.publicId, extractUrl: expect.any(String) },
    ])
    const url = new URL(
      `/lawful-disclosures/${extractTicket(product.connections.keyring, over)}`,
      product.url,
    )
    expect((await fetchExtract(product, url.href, first.token)).status).toBe(410)
  })

  test('is nobody’s once the reader is erased, before or after the approval; what was released stays on record without their words', async () => {
    const { reader } = await makePerson()
    const released = await releaseTo(product, [first, second], reader.publicId)
    const asked = (await recordCase(product, first, reader.publicId)).disclosure.id
    const approved = (await recordCase(product, first, reader.publicId)).disclosure.id
    const { extractUrl } = (await approveCase(product, second, approved)).disclosure
    await erase(reader.publicId)

    expect((await approveCase(product, second, asked)).userErrors).toEqual([
      { code: 'INVALID_STATE', field: ['id'] },
    ])
    expect((await fetchExtract(product, extractUrl, second.token)).status).toBe(410)
    expect(await rowOf(released)).toMatchObject({
      scope: null,
      basis: lawfulInput('').basis,
      extractHash: expect.any(Buffer),
    })
    const { lawfulDisclosures } = await ok(
      product,
      '{ lawfulDisclosures(first: 3) { nodes { scope } } }',
      {},
      { token: first.token },
    )
    expect(lawfulDisclosures.nodes).toEqual([{ scope: '' }, { scope: '' }, { scope: '' }])
  })
})

test('where the law forbids to tell, neither mail nor copy tells of it before that time, and both do then', async () => {
  const { email, reader } = await makePerson()
  const mails = mailsTo(product, email).length
  const silence = { tellNotBefore: soon(60), silenceReason: 'Ordered by the court' }
  const id = await releaseTo(product, [first, second], reader.publicId, silence)
  await sweeps(2)
  expect([mailsTo(product, email).length, (await rowOf(id)).toldAt]).toEqual([mails, null])
  const held = JSON.stringify(await copyOf(reader))
  for (const trace of ['lawful', 'District court', id]) expect(held).not.toContain(trace)

  await owner.query('UPDATE lawful_disclosure SET tell_not_before = UTC_TIMESTAMP(3) WHERE public_id = ?', [
    id,
  ])
  expect((await waitForMail(product, email, mails + 1)).text).toContain('District court of Testville')
  expect((await copyOf(reader)).lawful_disclosure.rows).toMatchObject([
    { silenceReason: 'Ordered by the court' },
  ])
  await sweeps(2)
  expect(mailsTo(product, email).length).toBe(mails + 1)
})

test('neither the product nor the owner of the tables can change what was asked, or decide or release a second time', async () => {
  const { reader } = await makePerson()
  const id = await releaseTo(product, [first, second], reader.publicId)
  await expectNoChange(product, async () => {
    for (const change of ['reader_id = 1', "basis = 'x'", "authority = 'x'", 'requested_by_id = 1'])
      await expect(
        write(manager(), `UPDATE lawful_disclosure SET ${change} WHERE public_id = ?`, [id]),
      ).rejects.toThrow(/denied/)
    for (const change of [
      ...[
        'reader_id = 1',
        "basis = 'x'",
        "file_number = 'x'",
        'requested_at = requested_at - INTERVAL 1 DAY',
      ],
      ...['approved_by_id = 1', 'approved_at = NULL', 'handed_out_at = NULL', 'extract_hash = NULL'],
    ])
      await expect(
        owner.query(`UPDATE lawful_disclosure SET ${change} WHERE public_id = ?`, [id]),
      ).rejects.toThrow('what was asked and decided is written once')
  })
})
