// A reader's rights through every door, with everything that can be wrong about a request; and what staff see of readers.
import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { In } from 'typeorm'
import { DataRequest } from '../src/entities/data-request'
import { JobStatus } from '../src/entities/job-status'
import { rateKey } from '../src/secrets/address-hash'
import { makeReader, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { until } from './support/checker'
import { runWeinterrupt } from './support/command'
import { expectNoChange } from './support/dump'
import { fieldsOf } from './support/form'
import { codeIn, logInBrowser, roleOf } from './support/logging-in'
import { mailsTo, waitForMail } from './support/mail'
import {
  askForCopy,
  askForErasure,
  asReader,
  enterDownloadCode,
  filesIn,
  loggedInReader,
  mailedCode,
  provenReader,
  readyMail,
  requestRow,
  untilRequest,
} from './support/own-data'
import { type Product, startProduct, sweeps } from './support/product'
import { hashOfAddress, readerOf, settled, suppressionsOf } from './support/rows'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager
const codesOf = (answer: AnyData): string[] => answer.userErrors.map((one: AnyData) => one.code)
const other = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('a copy', () => {
  test('needs a code that was just mailed; the ticket works once, with the code of its own mail', async () => {
    const { email, accessToken } = await loggedInReader(product, { name: 'Grace' })
    let first: AnyData
    const proof = await mailedCode(product, email, async () => {
      first = await askForCopy(product, accessToken)
    })
    expect(first).toMatchObject({ dataRequest: null, codeSent: true })
    expect(codesOf(first)).toEqual(['FRESH_PROOF_REQUIRED'])
    expect(codesOf(await askForCopy(product, accessToken, other(proof)))).toEqual(['CODE_INVALID'])
    const mails = mailsTo(product, email).length
    const { dataRequest } = await askForCopy(product, accessToken, proof)
    const { path, code } = await readyMail(product, email, mails + 1)
    await settled(product, email)
    expect(dataRequest.downloadUrl).toBeNull()
    const { viewer } = await asReader(
      product,
      accessToken,
      '{ viewer { reader { dataRequests { id status downloadUrl } } } }',
    )
    expect(viewer.reader.dataRequests).toMatchObject([{ id: dataRequest.id, status: 'READY' }])
    expect(viewer.reader.dataRequests[0].downloadUrl).toContain(path)

    await expectNoChange(product, async () => {
      for (let n = 0; n < 3; n++) {
        const page = await fetch(product.url + path)
        expect([page.status, page.headers.getSetCookie(), page.headers.get('cache-control')]).toEqual([
          200,
          [],
          'no-store',
        ])
      }
    })
    for (const wrong of [proof === code ? '' : proof, other(code), '', 'x'.repeat(10_000)])
      expect((await enterDownloadCode(product, path, wrong)).status).toBe(422)
    const copy = await enterDownloadCode(product, path, ` ${code} `)
    expect([copy.status, copy.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename=my-data.zip',
    ])
    expect(Object.keys(await filesIn(copy))).toContain('data.json')
    expect((await requestRow(product, dataRequest.id)).status).toBe('COMPLETED')
    expect(await manager().query('SELECT * FROM data_export')).toEqual([])
    for (const method of ['GET', 'POST'])
      expect((await fetch(product.url + path, { method })).status).toBe(410)
  })

  test('ends with the fifth wrong code, after 24 hours, when it is called off, and with the next copy', async () => {
    const { email, accessToken } = await provenReader(product)
    const ready = async () => {
      const mails = mailsTo(product, email).length
      const { dataRequest } = await askForCopy(product, accessToken)
      return { id: dataRequest.id as string, ...(await readyMail(product, email, mails + 1)) }
    }
    const cancel = async (id: string) =>
      (
        await asReader(
          product,
          accessToken,
          'mutation ($id: ID!) { dataRequestCancel(id: $id) { dataRequest { status } userErrors { code } } }',
          { id },
        )
      ).dataRequestCancel
    const tried = await ready()
    for (let n = 1; n < 5; n++)
      expect((await enterDownloadCode(product, tried.path, other(tried.code))).status).toBe(422)
    expect((await enterDownloadCode(product, tried.path, other(tried.code))).status).toBe(410)
    expect((await enterDownloadCode(product, tried.path, tried.code)).status).toBe(410)

    const old = await ready()
    await manager().query(
      `UPDATE data_request r JOIN data_export e ON e.request_id = r.id
         SET r.download_expires_at = UTC_TIMESTAMP(3), e.expires_at = UTC_TIMESTAMP(3) WHERE r.public_id = ?`,
      [old.id],
    )
    expect((await enterDownloadCode(product, old.path, old.code)).status).toBe(410)
    await untilRequest(product, old.id, 'EXPIRED')
    await sweeps(2)

    const first = await ready()
    const second = await ready()
    expect((await enterDownloadCode(product, first.path, first.code)).status).toBe(410)
    expect(await cancel(second.id)).toEqual({ dataRequest: { status: 'CANCELLED' }, userErrors: [] })
    expect((await enterDownloadCode(product, second.path, second.code)).status).toBe(410)
    expect(codesOf(await cancel(second.id))).toEqual(['INVALID_STATE'])
    const stranger = await provenReader(product)
    const foreign = (await askForCopy(product, stranger.accessToken)).dataRequest.id
    for (const id of [foreign, 'x', '']) expect(codesOf(await cancel(id))).toEqual(['NOT_FOUND'])
    await ready()
    expect(codesOf(await askForCopy(product, accessToken))).toEqual(['RATE_LIMITED'])
    const { id } = await readerOf(product, email)
    expect(
      await manager().query('SELECT request_id FROM data_export WHERE reader_id = ?', [id]),
    ).toHaveLength(1)
  })

  test('is written by the command line for an address as well, into a file of its own that only its owner can read', async () => {
    const { email } = await makeReader(product, ['topic:weekly'], { name: 'Letter Writer' })
    const out = join(mkdtempSync(join(tmpdir(), 'weinterrupt-copy-')), 'copy.zip')
    const args = ['dsar', 'export', email, '--reason', 'a letter', '--out', out]
    const done = await runWeinterrupt(product.env, ...args, '--json')

    expect(done.code).toBe(0)
    expect(JSON.parse(done.out).tables).toEqual(
      expect.arrayContaining(['reader', 'consent_event', 'registration']),
    )
    expect([existsSync(out), statSync(out).mode & 0o777]).toEqual([true, 0o600])
    expect(await runWeinterrupt(product.env, ...args)).toMatchObject({
      code: 1,
      err: 'This file exists already.\n',
    })
  })
})

test('an erasure needs a yes and a code that was just mailed, and ends every log-in at once', async () => {
  const { email, accessToken } = await loggedInReader(product)
  expect(codesOf(await askForErasure(product, accessToken, { confirm: false }))).toEqual(['REQUIRED'])
  let first: AnyData
  const code = await mailedCode(product, email, async () => {
    first = await askForErasure(product, accessToken)
  })
  expect(codesOf(first)).toEqual(['FRESH_PROOF_REQUIRED'])
  expect(codesOf(await askForErasure(product, accessToken, { code: other(code) }))).toEqual(['CODE_INVALID'])
  expect((await readerOf(product, email)).erasedAt).toBeNull()

  const { dataRequest, userErrors } = await askForErasure(product, accessToken, { code })
  expect([dataRequest.kind, userErrors]).toEqual(['ERASURE', []])
  expect(await roleOf(product, accessToken)).toBe('ANONYMOUS')
  expect(await suppressionsOf(product, email)).toEqual(['ERASED'])
})

test('a reader restricts at once and without a code; lifting it needs one', async () => {
  const { email, accessToken } = await loggedInReader(product)
  const act = async (field: string, args = ''): Promise<AnyData> => {
    const query = `mutation { done: ${field}${args} { reader { restrictedAt } alreadyPassed userErrors { code } } }`
    return (await asReader(product, accessToken, query)).done
  }
  const version = (await readerOf(product, email)).version
  expect((await act('readerRestrict')).reader.restrictedAt).not.toBeNull()
  expect((await readerOf(product, email)).version).toBeGreaterThan(version)
  let first: AnyData
  const code = await mailedCode(product, email, async () => {
    first = await act('readerUnrestrict')
  })
  expect([codesOf(first), first.reader.restrictedAt === null]).toEqual([['FRESH_PROOF_REQUIRED'], false])
  expect(codesOf(await act('readerUnrestrict', `(code: "${other(code)}")`))).toEqual(['CODE_INVALID'])
  expect((await act('readerUnrestrict', `(code: "${code}")`)).reader.restrictedAt).toBeNull()
  expect(codesOf(await act('readerObject'))).toEqual([])
  expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
})

describe('the page /p/data', () => {
  const open = (cookie = ''): Promise<Response> => fetch(`${product.url}/p/data`, { headers: { cookie } })
  const press = (cookie: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${product.url}/p/data`, {
      method: 'POST',
      headers: { cookie, ...headers },
      body: new URLSearchParams(fields),
    })

  const nothingOpen = async (): Promise<boolean> =>
    !(await manager().existsBy(DataRequest, { status: In([JobStatus.QUEUED, JobStatus.RUNNING]) }))

  test('does everything without JavaScript: code, copy, restriction, objection, erasure', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    const cookie = await logInBrowser(product, email)
    await settled(product, email)
    const page = await (await open(cookie)).text()
    expect(page).toContain('Send me a code')
    expect(page).not.toContain(email)
    expect(await (await press(cookie, { act: 'restrict' })).text()).toContain('Your data is restricted')
    expect((await readerOf(product, email)).restrictedAt).not.toBeNull()

    const mails = mailsTo(product, email).length
    const asked = await (await press(cookie, { act: 'send' })).text()
    expect(asked).toContain('name="code"')
    const { code } = codeIn(await waitForMail(product, email, mails + 1))
    await settled(product, email)
    expect((await press(cookie, { act: 'prove', code: other(code) })).status).toBe(422)
    const proved = await (await press(cookie, { act: 'prove', code })).text()
    expect(proved).not.toContain('name="code"')
    expect(await (await press(cookie, { act: 'unrestrict' })).text()).toContain('The restriction is lifted')
    expect(await (await press(cookie, { act: 'export' })).text()).toContain('Your copy is being made')
    await readyMail(product, email, mails + 2)
    expect(await (await press(cookie, { act: 'object' })).text()).toContain('Every newsletter is stopped')
    const unconfirmed = await press(cookie, { act: 'erase' })
    expect([unconfirmed.status, (await unconfirmed.text()).includes('Tick the box')]).toEqual([422, true])
    expect(fieldsOf(proved)).toMatchObject({ act: expect.any(String) })
    const gone = await press(cookie, { act: 'erase', confirm: 'yes' })
    expect(await gone.text()).toContain('Your data is being deleted')
    expect(gone.headers.getSetCookie().join()).toContain('Expires=Thu, 01 Jan 1970')
    expect(await (await open(cookie)).text()).toContain('Please log in first')
    await until(() => nothingOpen(), 'the data is deleted')
  })

  test('refuses other sites and shows nobody who is not logged in; without a code nothing leaves or goes', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    const cookie = await logInBrowser(product, email)
    await settled(product, email)
    await manager().query('UPDATE reader_session SET last_used_at = UTC_TIMESTAMP(3)')
    await expectNoChange(product, async () => {
      expect(await (await open()).text()).toContain('Please log in first')
      await open(cookie)
      for (const act of ['erase', 'restrict', 'object', 'send', 'export'])
        for (const [name, headers] of [
          ['', {}],
          [cookie, { origin: 'https://evil.example' }],
          [cookie, { 'sec-fetch-site': 'cross-site' }],
        ] as const)
          expect((await press(name, { act, confirm: 'yes' }, headers)).status).toBe(403)
      for (const act of ['', 'constructor', '__proto__', 'x'.repeat(5000)])
        expect((await press(cookie, { act })).status).toBe(200)
    })
    const mails = mailsTo(product, email).length
    expect(await (await press(cookie, { act: 'erase', confirm: 'yes' })).text()).toContain(
      'A code is on its way',
    )
    await waitForMail(product, email, mails + 1)
    expect((await readerOf(product, email)).erasedAt).toBeNull()
  })
})

describe('staff', () => {
  const READERS = `query ($filter: ReaderFilter, $first: Int, $after: String) {
    readers(filter: $filter, first: $first, after: $after) {
      nodes { id maskedEmail email name status restrictedAt } pageInfo { hasNextPage endCursor } } }`
  const read = async (who: Staff, variables: AnyData = {}): Promise<AnyData> =>
    (await ok(product, READERS, variables, { token: who.token })).readers
  const audits = async (): Promise<AnyData[]> =>
    (
      await ok(
        product,
        '{ auditEvents(first: 20) { nodes { action target reason } } }',
        {},
        { token: admin.token },
      )
    ).auditEvents.nodes

  test('see readers masked; an admin in full, with one audit event a page, and nowhere else', async () => {
    const author = await makeStaff(product, 'AUTHOR')
    const { email } = await makeReader(product, ['topic:weekly'], { name: 'Mary Masked' })
    const before = (await audits()).filter(({ action }) => action === 'reader.read').length
    const filter = { emailExact: email.toUpperCase() }
    const masked = await read(author, { filter })
    expect(masked.nodes).toMatchObject([{ email: null, name: null, status: 'ACTIVE' }])
    expect(JSON.stringify(masked)).not.toContain(email)
    expect((await audits()).filter(({ action }) => action === 'reader.read')).toHaveLength(before)

    expect((await read(admin, { filter })).nodes).toMatchObject([{ email, name: 'Mary Masked' }])
    const first = await read(admin, { first: 2 })
    const second = await read(admin, { first: 2, after: first.pageInfo.endCursor })
    expect(first.nodes.concat(second.nodes).map((one: AnyData) => one.id)).toEqual([
      ...new Set(first.nodes.concat(second.nodes).map((one: AnyData) => one.id)),
    ])
    const after = (await audits()).filter(({ action }) => action === 'reader.read')
    expect(after).toHaveLength(before + 3)
    expect(JSON.stringify(after)).not.toContain('@')
    for (const emailExact of ['nobody@example.org', 'no address', `${email} `, 'x'.repeat(5000)])
      expect((await read(author, { filter: { emailExact } })).nodes.length).toBe(
        emailExact.trim() === email ? 1 : 0,
      )
    for (const variables of [{ first: 0 }, { first: 101 }, { after: 'eHg' }, { filter: { topicId: 'x' } }])
      expect((await graphql(product, READERS, variables, { token: author.token })).errors).toHaveLength(1)
    for (const status of ['ACTIVE', 'ERASED', 'PENDING', 'PAUSED', 'SUPPRESSED'])
      for (const node of (await read(author, { filter: { status: [status] }, first: 100 })).nodes)
        expect(node.status).toBe(status)
  })

  test('restrict, lift and object for a reader with a reason, and see the requests with the days that are left', async () => {
    const { email, accessToken } = await provenReader(product)
    const { publicId: id } = await readerOf(product, email)
    const act = async (field: string, reason: string, token = admin.token): Promise<AnyData> => {
      const query = `mutation ($id: ID!, $reason: String!) { done: ${field}(id: $id, reason: $reason) {
        reader { restrictedAt } userErrors { code field } } }`
      return graphql(product, query, { id, reason }, { token })
    }
    const author = await makeStaff(product, 'PUBLISHER')
    for (const field of ['readerRestrict', 'readerUnrestrict', 'readerObject']) {
      expect((await act(field, 'x', author.token)).errors?.[0].extensions.code).toBe('FORBIDDEN')
      expect(codesOf((await act(field, ' ')).data.done)).toEqual(['REQUIRED'])
    }
    expect((await act('readerRestrict', 'by letter')).data.done.reader.restrictedAt).not.toBeNull()
    expect((await act('readerUnrestrict', 'by letter')).data.done.reader.restrictedAt).toBeNull()
    expect((await act('readerObject', 'by letter')).data.done.userErrors).toEqual([])
    expect((await audits()).slice(0, 3).map(({ action, target }) => [action, target])).toEqual([
      ['reader.object', id],
      ['reader.unrestrict', id],
      ['reader.restrict', id],
    ])
    const events: { actor: string }[] = await manager().query(
      'SELECT actor FROM consent_event WHERE principal = ? ORDER BY position DESC LIMIT 1',
      [id],
    )
    expect(events).toEqual([{ actor: 'ADMIN' }])

    const { dataRequest } = await askForErasure(product, accessToken)
    const query = '{ dataRequests(first: 1) { nodes { id kind daysLeft downloadUrl } } }'
    const { dataRequests } = await ok(product, query, {}, { token: admin.token })
    expect(dataRequests.nodes[0]).toMatchObject({ id: dataRequest.id, kind: 'ERASURE', downloadUrl: null })
    await untilRequest(product, dataRequest.id, 'COMPLETED')
    expect(codesOf((await act('readerRestrict', 'too late')).data.done)).toEqual(['INVALID_STATE'])
  })
})

test('a counter in Redis of requests for an address goes with the erasure', async () => {
  const { email, accessToken } = await provenReader(product)
  const { redis, keyring } = product.connections
  const key = `weinterrupt-rate-limit:address:3600:${rateKey(keyring, hashOfAddress(product, email))}:network`
  await redis.set(key, '1', 'EX', 600)
  const { dataRequest } = await askForErasure(product, accessToken)
  await untilRequest(product, dataRequest.id, 'COMPLETED')
  expect(await redis.exists(key)).toBe(0)
})
