import mysql from 'mysql2/promise'
import { loadConfig } from '../src/config'
import { DisclosedReader, Disclosure } from '../src/entities/disclosure'
import { ErasureNotice, ProcessorReader } from '../src/entities/processor-reader'
import { Reader } from '../src/entities/reader'
import { createLog } from '../src/log'
import { collectData } from '../src/privacy/collect'
import { subjectOf } from '../src/privacy/subject'
import { write } from '../src/transaction'
import { startWorkers } from '../src/worker/workers'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { until, untilStatus } from './support/checker'
import { dumpDatabase } from './support/dump'
import { startMoreApi } from './support/more-api'
import {
  AGREEMENT_ADD,
  agree,
  HASH,
  makeProcessor,
  makeProcessorKey,
  makeThirdPartyPurpose,
  PROCESSOR_SAVE,
  processorInput,
  RECORDS,
  records,
  STATUS_SET,
  setStatus,
} from './support/processing'
import { type Product, startProduct, sweeps } from './support/product'
import { visit } from './support/visiting'

let product: Product
let admin: Staff
let purposeId: string

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
  purposeId = await makeThirdPartyPurpose(product, admin, 'letters')
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager
const as = () => ({ token: admin.token })
const nodesOf = (answer: AnyData): AnyData[] => answer.data.processorRecords.nodes
const codeOf = (answer: AnyData): string => answer.errors?.[0]?.extensions.code

/** Everything an own key of an own processor may see, page by page. */
async function readAll(token: string, first = 100): Promise<AnyData[]> {
  const seen: AnyData[] = []
  for (let after: string | null = null; ; ) {
    const answer: AnyData = await records(product, token, 'letters', { first, after })
    if (answer.errors) throw new Error(JSON.stringify(answer.errors))
    seen.push(...nodesOf(answer))
    const { hasNextPage, endCursor } = answer.data.processorRecords.pageInfo
    if (!hasNextPage) return seen
    after = endCursor
  }
}

/** The references of all pages that were written down for a processor, oldest first. */
async function writtenDown(id: string): Promise<string[]> {
  const rows = await manager().query(
    `SELECT pr.ref FROM disclosure d JOIN processor p ON p.id = d.processor_id AND p.public_id = ?
       JOIN disclosed_reader dr ON dr.disclosure_id = d.id
       JOIN processor_reader pr ON pr.processor_id = p.id AND pr.reader_id = dr.reader_id
     ORDER BY d.id, dr.reader_id`,
    [id],
  )
  return rows.map(({ ref }: { ref: string }) => ref)
}

describe('a processor’s key', () => {
  let id: string
  let key: string
  let given: Awaited<ReturnType<typeof makeReaders>>

  beforeAll(async () => {
    given = await makeReaders(product, 7, { purposes: ['letters', 'topic:weekly'] })
    await makeReaders(product, 3, { purposes: ['topic:weekly'] })
    id = await makeProcessor(product, admin, [purposeId])
    key = await makeProcessorKey(product, admin, id)
  })

  test('sees the readers who said yes to its purpose, once each, and every page is in the disclosure log', async () => {
    const seen = await readAll(key, 3)

    expect(seen).toHaveLength(7)
    expect(new Set(seen.map(({ ref }) => ref)).size).toBe(7)
    expect(seen.every(({ email }) => email.includes('@'))).toBe(true)
    expect(await writtenDown(id)).toEqual(seen.map(({ ref }) => ref))
    const { disclosures } = await ok(
      product,
      `{ disclosures { nodes { processor { id } purpose { key } agreement { documentHash } dataCategories recordCount reason } } }`,
      {},
      as(),
    )
    expect(disclosures.nodes.map((one: AnyData) => one.recordCount)).toEqual([1, 3, 3])
    expect(disclosures.nodes[0]).toEqual({
      processor: { id },
      purpose: { key: 'letters' },
      agreement: { documentHash: HASH },
      dataCategories: ['email', 'name'],
      recordCount: 1,
      reason: 'monthly letter',
    })
  })

  test('sees only what its entry in the registry names', async () => {
    const other = await makeProcessor(product, admin, [purposeId], {
      dataCategories: ['locale', 'postal address'],
    })
    const [one] = await readAll(await makeProcessorKey(product, admin, other))
    expect(one).toEqual({ ref: expect.any(String), email: null, name: null, locale: 'en' })
  })

  test('knows nobody by a number another processor has, or a cursor that is none of its own', async () => {
    const other = await makeProcessor(product, admin, [purposeId])
    const seen = await readAll(await makeProcessorKey(product, admin, other))
    const mine = await readAll(key)
    expect(seen.map(({ email }) => email)).toEqual(mine.map(({ email }) => email))
    expect(seen.filter(({ ref }) => mine.some(one => one.ref === ref))).toEqual([])
    for (const after of [seen[0]?.ref, 'x', given[0]?.publicId, Buffer.from('1').toString('base64url')])
      expect(codeOf(await records(product, key, 'letters', { after }))).toBe('BAD_USER_INPUT')
  })

  test('sees nobody who is restricted, suppressed or has taken the yes back, from that moment on', async () => {
    const [restricted, suppressed, withdrawn, old] = given
    await write(manager(), 'UPDATE reader SET restricted_at = UTC_TIMESTAMP(3) WHERE id = ?', [
      restricted?.id,
    ])
    await write(
      manager(),
      `INSERT INTO suppression (public_id, address_hash, reason, created_at)
       SELECT UUID(), address_hash, 'COMPLAINT', UTC_TIMESTAMP(3) FROM reader WHERE id = ?`,
      [suppressed?.id],
    )
    await ok(
      product,
      'mutation ($id: ID!) { readerObject(id: $id, reason: "asked") { userErrors { code } } }',
      { id: withdrawn?.publicId },
      as(),
    )
    await write(manager(), 'UPDATE consent SET expires_at = UTC_TIMESTAMP(3) WHERE reader_id = ?', [old?.id])

    expect(await readAll(key)).toHaveLength(3)
    expect((await writtenDown(id)).length).toBe(7 + 7 + 3)
  })

  test.each<[string, AnyData, string]>([
    ['no reason', { reason: '  ' }, 'BAD_USER_INPUT'],
    ['a reason without end', { reason: 'x'.repeat(501) }, 'BAD_USER_INPUT'],
    ['no row', { first: 0 }, 'BAD_USER_INPUT'],
    ['too many rows', { first: 101 }, 'BAD_USER_INPUT'],
    ['a topic', { purposeKey: 'topic:weekly' }, 'FORBIDDEN'],
    ['a purpose of the site’s own', { purposeKey: 'personalisation' }, 'FORBIDDEN'],
    ['no purpose', { purposeKey: 'x' }, 'FORBIDDEN'],
  ])('asked for with %s is refused and writes nothing', async (_, change, code) => {
    const before = await dumpDatabase(product)
    expect(codeOf(await records(product, key, 'letters', change))).toBe(code)
    const { api_key: _key, ...after } = await dumpDatabase(product)
    const { api_key: _before, ...expected } = before
    expect(after).toEqual(expected)
  })

  test('opens nothing else, and nobody else opens what it opens', async () => {
    for (const query of [
      '{ processors { nodes { id } } }',
      '{ newsletters { nodes { id } } }',
      '{ site { name } }',
      '{ readers { nodes { id } } }',
    ])
      expect(codeOf(await graphql(product, query, {}, { token: key }))).toBe('FORBIDDEN')
    expect(codeOf(await graphql(product, RECORDS, { purposeKey: 'letters', reason: 'x' }, as()))).toBe(
      'FORBIDDEN',
    )
    const nobody = await graphql(product, RECORDS, { purposeKey: 'letters', reason: 'x' }, { staff: true })
    expect(codeOf(nobody)).toBe('UNAUTHENTICATED')
    expect((await graphql(product, RECORDS, { purposeKey: 'letters', reason: 'x' })).status).toBe(400)
  })

  test('is made for a processor alone, with no other scope', async () => {
    const make = async (change: AnyData) => {
      const input = {
        name: 'x',
        scopes: ['processor:records'],
        expiresAt: new Date(Date.now() + 9e7),
        ...change,
      }
      const { apiKeyCreate } = await ok(
        product,
        `mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { secretShownOnce userErrors { code field } } }`,
        { input },
        as(),
      )
      return apiKeyCreate.userErrors
    }
    const wrong = (field: string) => [{ code: 'INVALID', field: ['input', field] }]
    expect(await make({})).toEqual(wrong('processorId'))
    expect(await make({ processorId: id, scopes: ['newsletters:read'] })).toEqual(wrong('processorId'))
    expect(await make({ processorId: id, scopes: ['processor:records', 'newsletters:read'] })).toEqual(
      wrong('scopes'),
    )
  })

  test.each<[string, string]>([
    ['it is suspended', "UPDATE processor SET status = 'SUSPENDED'"],
    ['its agreement has run out', 'UPDATE agreement SET expires_at = UTC_DATE() - INTERVAL 1 DAY'],
    ['its agreement is not signed yet', 'UPDATE agreement SET signed_at = UTC_DATE() + INTERVAL 1 DAY'],
    ['it signed standard clauses alone', "UPDATE agreement SET kind = 'STANDARD_CLAUSES'"],
    ['its agreement is missing', 'UPDATE agreement SET processor_id = 0'],
  ])('is given nothing when %s', async (_, end) => {
    const before = await writtenDown(id)
    const agreements = await dumpOf('agreement')
    await asOwner(end)

    expect(codeOf(await records(product, key, 'letters'))).toBe('FORBIDDEN')
    expect(await writtenDown(id)).toEqual(before)

    await asOwner('DELETE FROM agreement')
    for (const row of agreements) await asOwner('INSERT INTO agreement SET ?', [row])
    await asOwner("UPDATE processor SET status = 'ACTIVE'")
    expect(nodesOf(await records(product, key, 'letters'))).toHaveLength(3)
  })

  test('still sees them on the last day of its agreement', async () => {
    await asOwner('UPDATE agreement SET expires_at = UTC_DATE()')
    expect(nodesOf(await records(product, key, 'letters'))).toHaveLength(3)
    await asOwner('UPDATE agreement SET expires_at = NULL')
  })

  test('is told of an erasure by its own number, and confirms it once', async () => {
    const [reader] = await makeReaders(product, 1, { purposes: ['letters'] })
    const { ref } = (await readAll(key)).at(-1) ?? {}
    await ok(
      product,
      'mutation ($id: ID!) { readerErase(id: $id, reason: "asked") { userErrors { code } } }',
      { id: reader?.publicId },
      as(),
    )
    const { processorErasures } = await ok(
      product,
      '{ processorErasures { id ref requestedAt dueAt } }',
      {},
      { token: key },
    )
    expect(processorErasures).toMatchObject([{ ref }])
    const [{ id: noticeId, requestedAt }] = processorErasures
    expect(await manager().countBy(ProcessorReader, { ref })).toBe(0)

    const acknowledge = (erasedAt: Date, token = key, notice = noticeId) =>
      graphql(
        product,
        `mutation ($id: ID!, $at: DateTime!) { processorErasureAcknowledge(id: $id, erasedAt: $at) { accepted userErrors { code field } } }`,
        { id: notice, at: erasedAt },
        { token },
      )
    const other = await makeProcessorKey(product, admin, await makeProcessor(product, admin, [purposeId]))
    expect(codeOf(await acknowledge(new Date(), other))).toBe('NOT_FOUND')
    expect(codeOf(await acknowledge(new Date(), key, 'x'))).toBe('NOT_FOUND')
    for (const at of [new Date(Date.now() + 3_600_000), new Date(Date.parse(requestedAt) - 1)])
      expect((await acknowledge(at)).data.processorErasureAcknowledge).toEqual({
        accepted: false,
        userErrors: [{ code: 'INVALID', field: ['erasedAt'] }],
      })
    for (let times = 0; times < 2; times++)
      expect((await acknowledge(new Date(requestedAt))).data.processorErasureAcknowledge.accepted).toBe(true)
    expect(await manager().findBy(ErasureNotice, { ref })).toMatchObject([
      { erasedAt: new Date(requestedAt) },
    ])
    const left = await ok(product, '{ processorErasures { id } }', {}, { token: key })
    expect(left.processorErasures).toEqual([])
  })

  test('leaves its trace in the reader’s own copy', async () => {
    const reader = await manager().findOneByOrFail(Reader, { id: given[6]?.id })
    const { data, processors } = await collectData(
      manager(),
      product.connections.keyring,
      subjectOf(reader, reader.addressHash),
    )
    expect(processors).toMatchObject([{ name: 'Helper' }, { name: 'Helper' }, { name: 'Helper' }])
    expect(await manager().countBy(DisclosedReader, { readerId: reader.id })).toBe(
      data.disclosed_reader?.rows.length,
    )
  })

  test('and a withdrawal at the same time: the one that comes first is whole', async () => {
    const many = await makeReaders(product, 20, { purposes: ['letters'] })
    const from = (await manager().find(Disclosure, { order: { id: 'DESC' }, take: 1 }))[0]?.id ?? 0
    const ended: string[] = []
    const [seen] = await Promise.all([
      readAll(key, 5),
      ...many.map(async ({ publicId }) => {
        await ok(
          product,
          'mutation ($id: ID!) { readerObject(id: $id, reason: "now") { userErrors { code } } }',
          { id: publicId },
          as(),
        )
        ended.push(publicId)
      }),
    ])
    expect(ended).toHaveLength(20)
    const [{ count }] = await manager().query(
      'SELECT COUNT(*) AS count FROM disclosed_reader WHERE disclosure_id > ?',
      [from],
    )
    expect(Number(count)).toBe(seen.length)
    expect(await readAll(key)).toHaveLength(3)
  })
})

/** What the running product may not do to evidence, the owner of the tables does for the test. */
async function asOwner(sql: string, parameters: unknown[] = []): Promise<AnyData> {
  const owner = await mysql.createConnection({ uri: product.config.databaseMigrationUrl, dateStrings: true })
  try {
    return (await owner.query(sql, parameters))[0]
  } finally {
    await owner.end()
  }
}
const dumpOf = (table: string): Promise<AnyData[]> => asOwner(`SELECT * FROM ${table}`)

describe('the registry', () => {
  test.each<[string, AnyData, string, string]>([
    ['no name', { name: ' ' }, 'REQUIRED', 'name'],
    ['a long name', { name: 'x'.repeat(101) }, 'TOO_LONG', 'name'],
    ['a country in words', { country: 'Germany' }, 'INVALID', 'country'],
    ['no data', { dataCategories: [] }, 'REQUIRED', 'dataCategories'],
    ['no purpose', { purposeIds: [] }, 'REQUIRED', 'purposeIds'],
    ['an unknown purpose', { purposeIds: ['x'] }, 'NOT_FOUND', 'purposeIds'],
    [
      'a policy that is not on the web',
      { privacyPolicyUrl: 'javascript:alert(1)' },
      'INVALID',
      'privacyPolicyUrl',
    ],
    ['a host that is none', { serviceHost: 'smtp://x' }, 'INVALID', 'serviceHost'],
  ])('takes no entry with %s', async (_, change, code, field) => {
    const before = await dumpDatabase(product)
    const { processorSave } = await ok(
      product,
      PROCESSOR_SAVE,
      { input: processorInput([purposeId], change) },
      as(),
    )
    expect(processorSave).toEqual({ processor: null, userErrors: [{ code, field: ['input', field] }] })
    expect(await dumpDatabase(product)).toEqual(before)
  })

  test.each<[string, AnyData, string]>([
    ['no hash', { documentHash: '' }, 'documentHash'],
    ['a hash of another kind', { documentHash: 'ab'.repeat(20) }, 'documentHash'],
    ['a day to come', { signedAt: '2999-01-01' }, 'signedAt'],
    ['an end before its beginning', { expiresAt: '2023-12-31' }, 'expiresAt'],
  ])('takes no agreement with %s', async (_, change, field) => {
    const id = await makeProcessor(product, admin, [purposeId], {}, false)
    expect(await agree(product, admin, id, change)).toEqual({
      processor: null,
      userErrors: [{ code: 'INVALID', field: ['input', field] }],
    })
  })

  test('makes nobody active without an agreement, and what has ended stays so', async () => {
    const id = await makeProcessor(product, admin, [purposeId], {}, false)
    const refused = { processor: null, userErrors: [{ code: 'INVALID_STATE', field: ['status'] }] }
    expect(await setStatus(product, admin, id, 'ACTIVE')).toEqual(refused)
    expect(await setStatus(product, admin, id, 'ENDED', ' ')).toMatchObject({
      userErrors: [{ code: 'REQUIRED' }],
    })
    await agree(product, admin, id)
    expect(await setStatus(product, admin, id, 'ACTIVE')).toMatchObject({ userErrors: [] })
    expect(await setStatus(product, admin, id, 'ENDED')).toMatchObject({ userErrors: [] })
    expect(await setStatus(product, admin, id, 'ACTIVE')).toEqual(refused)
  })

  test('is public without its drafts, and shows who may be given what', async () => {
    await makeProcessor(product, admin, [purposeId], { name: 'Draft & Co' }, false)
    await makeProcessor(product, admin, [purposeId], {
      name: 'Shown & Co',
      privacyPolicyUrl: 'https://shown.example/p',
    })
    const { html } = await visit(product, '/processors?lang=de')
    expect(html).not.toContain('Draft')
    expect(html).toContain('Shown &amp; Co')
    expect(html).toContain('Helper Ltd, DE')
    expect(html).toContain('https://shown.example/p')
    const { processors } = await ok(product, '{ processors { nodes { name hasActiveAgreement } } }')
    expect(processors.nodes.map(({ name }: AnyData) => name)).not.toContain('Draft & Co')
    const { errors } = await graphql(product, '{ processors { nodes { agreements { kind } } } }')
    expect(errors?.[0]?.message).toContain('agreements')
  })

  test('belongs to admins', async () => {
    const publisher = await makeStaff(product, 'PUBLISHER')
    const id = await makeProcessor(product, admin, [purposeId], {}, false)
    for (const [query, variables] of [
      [PROCESSOR_SAVE, { input: processorInput([purposeId]) }],
      [AGREEMENT_ADD, { id, input: { kind: 'CONFIDENTIALITY', signedAt: '2024-01-01', documentHash: HASH } }],
      [STATUS_SET, { id, status: 'ENDED', reason: 'x' }],
      ['{ disclosures { nodes { id } } }', {}],
    ] as const)
      expect(codeOf(await graphql(product, query, variables, { token: publisher.token }))).toBe('FORBIDDEN')
  })

  test('cannot be changed where it is evidence: agreements and disclosures', async () => {
    for (const statement of [
      'UPDATE agreement SET expires_at = NULL',
      'DELETE FROM agreement',
      'UPDATE disclosure SET record_count = 0',
      'UPDATE disclosed_reader SET reader_id = 0',
    ])
      await expect(write(manager(), statement)).rejects.toThrow(/denied/)
  })
})

describe('a mail server of somebody else', () => {
  test('is handed nothing without an agreement, and mail goes on by itself under one', async () => {
    // This machine by a name that does not say so.
    const SMTP_URL = product.sink.url.replace('127.0.0.1', '0.0.0.0')
    const foreign = loadConfig({ ...product.env, SMTP_URL }, undefined)
    const topic = await makeTopic(product, admin, 'relayed')
    await makeReaders(product, 2, { purposes: ['topic:relayed'] })
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    const stop = startWorkers(foreign, product.connections, createLog('silent', 'test'))
    const site = await startMoreApi(product, { SMTP_URL })
    const PROGRESS = 'query ($id: ID!) { newsletter(id: $id) { progress { pauseReason pauseDetail } } }'
    const heldUp = async () => (await ok(site, PROGRESS, { id }, as())).newsletter.progress?.pauseReason
    await until(async () => (await heldUp()) === 'PROVIDER_ERROR', 'the newsletter waits for an agreement')
    await sweeps(3)
    expect(product.sink.accepted()).toHaveLength(0)

    const relay = await makeProcessor(product, admin, [purposeId], { serviceHost: '0.0.0.0' })
    await untilStatus(product, id, 'SENT')
    expect(product.sink.accepted()).toHaveLength(2)

    await setStatus(product, admin, relay, 'SUSPENDED')
    const [email] = product.sink.accepted()[0]?.to ?? []
    await ok(product, 'mutation ($email: String!) { loginStart(input: { email: $email }) { accepted } }', {
      email,
    })
    const waits = async () => (await dumpOf('notice')).some(({ outcome }) => outcome === 'NO_AGREEMENT')
    await until(waits, 'the code waits for an agreement')
    expect(product.sink.accepted()).toHaveLength(2)
    await stop()
    await site.stop()
  })
})
