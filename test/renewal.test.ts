import { Consent } from '../src/entities/consent'
import { SuppressionReason } from '../src/entities/suppression'
import { select, write } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  SCHEDULE,
  type Staff,
  scheduleInput,
  scheduleNow,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { messagesOf, rowsOf, until, untilReceived, untilStatus } from './support/checker'
import { confirmByApi, pending } from './support/confirming'
import { expectNoChange } from './support/dump'
import { fieldsOf } from './support/form'
import { draftBoth, publish, publishNext } from './support/policies'
import { type Product, startProduct, sweeps } from './support/product'
import {
  letEndIn,
  renewalMail,
  renewalMails,
  renewalNotices,
  renewalToken,
  tokenOf,
} from './support/renewals'
import { eventsOf, noticesOf, readerOf, registrationsOf, suppressAddress } from './support/rows'

let product: Product
let admin: Staff
let weekly: AnyData

beforeAll(async () => {
  product = await startProduct({ sink: { delayMs: 2 } })
  admin = await makeStaff(product, 'ADMIN')
  weekly = await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeTopic(product, admin, 'monthly', 'Monthly')
})
// The readers of one test are not asked in the next, and what one that failed has left is not published by it.
afterEach(async () => {
  const { manager } = product.connections.db
  await manager.query("UPDATE consent SET state = 'ConsentWithdrawn'")
  await manager.query('DELETE FROM policy_draft')
})
afterAll(() => product?.stop())

const send = (path: string, fields: Record<string, string> = {}): Promise<Response> =>
  fetch(product.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const pageOf = async (token: string): Promise<string> => (await fetch(`${product.url}/a/${token}`)).text()

/** What pressing the main button of the page sends. */
async function press(token: string, more: Record<string, string> = {}): Promise<Response> {
  return send(`/a/${token}`, { ...fieldsOf(await pageOf(token)), ...more })
}

const lastEvent = async (email: string) => (await eventsOf(product, email)).at(-1)

const consentsOf = async (email: string): Promise<Consent[]> =>
  product.connections.db.manager.findBy(Consent, { readerId: (await readerOf(product, email)).id })

const stateOf = async (email: string, key: string): Promise<string | undefined> => {
  const { id } = await readerOf(product, email)
  const [row] = await select<{ state: string }>(
    product.connections.db.manager,
    'SELECT c.state FROM consent c JOIN purpose p ON p.id = c.purpose_id WHERE c.reader_id = ? AND p.`key` = ?',
    [id, key],
  )
  return row?.state
}

describe('a material policy version', () => {
  test('stops a newsletter that goes out: nobody who had not passed the gate gets it', async () => {
    const topic = await makeTopic(product, admin, 'stopped')
    const readers = await makeReaders(product, 250, { purposes: ['topic:stopped'] })
    const draft = await draftBoth(product, admin)
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    await untilReceived(product, id, 40)

    expect((await publish(product, admin, draft, { requiresReconsent: true })).userErrors).toEqual([])

    const passed = (await rowsOf(product, id)).filter(
      row => row.status === 'sent' || row.status === 'sending',
    )
    await untilStatus(product, id, 'SENT')
    const rows = await rowsOf(product, id)
    expect(rows).toHaveLength(readers.length)
    const sent = rows.filter(row => row.status === 'sent').map(row => row.readerId)
    expect(passed.map(row => row.readerId)).toEqual(expect.arrayContaining(sent))
    expect(new Set(rows.filter(row => row.status !== 'sent').map(row => row.skipReason))).toEqual(
      new Set(['RECONSENT_REQUIRED']),
    )
    expect(messagesOf(product, id)).toHaveLength(sent.length)
    // Everybody is asked once, in portions, whether they got that newsletter or not.
    await until(async () => (await renewals()) === readers.length, 'all are asked')
    await sweeps(2)
    expect(await renewals()).toBe(readers.length)
  })

  test('is told once to those who had said yes, and to nobody else', async () => {
    const reader = await makeReader(product, ['topic:weekly'])
    const gone = await makeReader(product, ['topic:weekly'])
    const blocked = await makeReader(product, ['topic:weekly'])
    const restricted = await makeReader(product, ['topic:weekly'])
    const refused = await makeReader(product, [])
    const waiting = await pending(product)
    await suppressAddress(product, blocked.email, SuppressionReason.HARD_BOUNCE)
    const { id } = await readerOf(product, restricted.email)
    const { db } = product.connections
    await write(db.manager, 'UPDATE reader SET restricted_at = UTC_TIMESTAMP(3) WHERE id = ?', [id])
    await write(db.manager, "UPDATE consent SET state = 'ConsentWithdrawn' WHERE reader_id = ?", [
      (await readerOf(product, gone.email)).id,
    ])
    const version = await publishNext(product, admin, { requiresReconsent: true })

    const mail = await renewalMail(product, reader.email)
    await sweeps(3)

    expect(mail.subject).toContain('privacy policy has changed')
    expect(mail.text).toContain('What changed: News in en')
    expect(mail.text).toContain(`${product.url}/privacy/${version}`)
    expect(mail.text).toContain('- Weekly (every week)')
    expect(await renewalMails(product, reader.email)).toHaveLength(1)
    for (const email of [gone.email, blocked.email, restricted.email, refused.email, waiting.email])
      expect(await noticesOf(product, email)).toHaveLength(1)
  })

  test('is renewed by the POST of the link alone, under the words that were shown, once', async () => {
    const { email } = await makeReader(product, ['topic:weekly', 'personalisation'])
    const version = await publishNext(product, admin, { requiresReconsent: true })
    const token = tokenOf(await renewalMail(product, email))
    await expectNoChange(product, async () => {
      const html = await pageOf(token)
      expect(html).toContain('News in en')
      expect(html).toContain(`/privacy/${version}`)
      expect(html).not.toContain(email)
      const { headers } = await fetch(`${product.url}/a/${token}`)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.getSetCookie()).toEqual([])
    })
    const { version: before } = await readerOf(product, email)

    const done = await press(token)

    expect(done.status).toBe(200)
    expect(await done.text()).toContain('Your yes is renewed')
    expect((await readerOf(product, email)).version).toBe(before + 1)
    const events = (await eventsOf(product, email)).filter(one => one.toState === 'RenewedConsentGiven')
    expect(events).toHaveLength(2)
    expect(events[0]).toMatchObject({ method: 'CONFIRM_LINK', actor: 'READER', fromState: 'ConsentGiven' })
    expect(JSON.parse(events[0]?.evidence ?? '')).toMatchObject({ proof: 'LINK', renewal: 'POLICY' })
    for (const consent of (await consentsOf(email)).filter(one => one.state === 'RenewedConsentGiven'))
      expect(consent.policyNumber).toBe(Number(version))
    await expectNoChange(product, async () => {
      for (const answer of [await fetch(`${product.url}/a/${token}`), await press(token)]) {
        expect(answer.status).toBe(200)
        expect(await answer.text()).toContain('There is nothing to renew')
      }
    })
    const { id } = await makeNewsletter(product, admin, weekly.id)
    await scheduleNow(product, admin, id)
    await untilStatus(product, id, 'SENT')
    expect(messagesOf(product, id).filter(one => one.to.includes(email))).toHaveLength(1)
  })

  test('that comes between looking and pressing has to be looked at first', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await publishNext(product, admin, { requiresReconsent: true })
    const token = tokenOf(await renewalMail(product, email))
    const fields = fieldsOf(await pageOf(token))
    const version = await publishNext(product, admin, { requiresReconsent: true })
    // The second version has a mail of its own.
    await renewalMail(product, email, 3)

    await expectNoChange(product, async () => {
      for (const sent of [fields, {}, { ...fields, policyVersion: 'x'.repeat(5000) }]) {
        const answer = await send(`/a/${token}`, sent)
        expect(answer.status).toBe(422)
        expect(await answer.text()).toContain(`name="policyVersion" value="${version}"`)
      }
    })
    expect((await press(token)).status).toBe(200)
    expect(await stateOf(email, 'topic:weekly')).toBe('RenewedConsentGiven')
  })

  test('ten presses at once renew once', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await publishNext(product, admin, { requiresReconsent: true })
    const token = tokenOf(await renewalMail(product, email))
    const fields = fieldsOf(await pageOf(token))
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(`/a/${token}`, fields)))

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    const events = (await eventsOf(product, email)).filter(one => one.toState === 'RenewedConsentGiven')
    expect(events).toHaveLength(1)
  })

  test('that is not material, or not yet in force, asks nobody and stops nothing', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await publishNext(product, admin)
    const soon = new Date(Date.now() + 3000)
    await publishNext(product, admin, { requiresReconsent: true, effectiveAt: soon })
    await sweeps(3)
    expect(await renewalNotices(product, email)).toEqual([])

    await renewalMail(product, email)
    expect(Date.now()).toBeGreaterThan(soon.getTime())
  })
})

describe('a sign-up that was asked for under a policy that a material one replaced', () => {
  test('is confirmed by the page only after the new one was shown', async () => {
    const { email, token } = await pending(product)
    const before = fieldsOf(await (await fetch(`${product.url}/c/${token}`)).text())
    const version = await publishNext(product, admin, { requiresReconsent: true })

    await expectNoChange(product, async () => {
      for (const fields of [before, {}, { policyVersion: '1' }]) {
        const answer = await send(`/c/${token}`, fields)
        expect(answer.status).toBe(422)
        expect(await answer.text()).toContain('has changed since you asked')
      }
    })
    const page = await (await fetch(`${product.url}/c/${token}`)).text()
    expect(page).toContain('News in en')
    const done = await send(`/c/${token}`, fieldsOf(page))

    expect(done.status).toBe(200)
    const [asked, given] = await eventsOf(product, email)
    expect(asked).toMatchObject({ toState: 'ConsentRequested' })
    expect(given).toMatchObject({ toState: 'ConsentGiven' })
    expect(given?.policyVersionId).not.toBe(asked?.policyVersionId)
    const { policy } = await ok(product, 'query ($v: String!) { policy(version: $v) { contentHash } }', {
      v: version,
    })
    expect(given?.policyHash.toString('hex')).toBe(policy.contentHash)
  })

  test('is refused by the API with the current texts, and confirmed with their version', async () => {
    const { email, token } = await pending(product)
    const version = await publishNext(product, admin, { requiresReconsent: true })
    const query = `mutation ($token: String!, $version: String) {
      readerConfirm(token: $token, policyVersion: $version) { reader { status } userErrors { __typename code field
        ... on StalePolicyError { currentPolicy { version } currentPurposes { key } } } } }`
    const confirm = async (shown?: string): Promise<AnyData> =>
      (await ok(product, query, { token, version: shown })).readerConfirm

    await expectNoChange(product, async () => {
      for (const shown of [undefined, '1', 'x'.repeat(500)])
        expect((await confirm(shown)).userErrors).toMatchObject([
          {
            __typename: 'StalePolicyError',
            code: 'STALE_POLICY',
            field: ['policyVersion'],
            currentPolicy: { version },
          },
        ])
    })
    expect(await confirm(version)).toMatchObject({ reader: { status: 'ACTIVE' }, userErrors: [] })
    expect(await registrationsOf(product, email)).toMatchObject([{ emailSealed: null }])
  })

  test('is confirmed as it is where the new one is not material', async () => {
    const { token } = await pending(product)
    await publishNext(product, admin)
    expect(await confirmByApi(product, token)).toMatchObject({ userErrors: [] })
  })
})

describe('a yes that ends soon', () => {
  test('is asked about once, 30 days before, and holds 24 months more when it is renewed', async () => {
    const { email } = await makeReader(product, ['topic:weekly', 'topic:monthly'])
    await letEndIn(product, email, 29, 'topic:weekly')
    await letEndIn(product, email, 45, 'topic:monthly')
    const mail = await renewalMail(product, email)
    expect(mail.subject).toBe('Do you still want mail from We Interrupt?')
    // What ends soon after is in the same mail, and so needs none of its own.
    expect(mail.text).toContain('Monthly')
    await letEndIn(product, email, 29, 'topic:monthly')
    await sweeps(3)
    expect(await renewalMails(product, email)).toHaveLength(1)

    expect((await press(tokenOf(mail))).status).toBe(200)

    const inTwoYears = new Date()
    inTwoYears.setUTCMonth(inTwoYears.getUTCMonth() + 24)
    for (const { expiresAt } of (await consentsOf(email)).filter(one => one.state === 'RenewedConsentGiven'))
      expect(Math.abs((expiresAt?.getTime() ?? 0) - inTwoYears.getTime())).toBeLessThan(60_000)
  })

  test('is not asked about earlier, nor on a pause that ends in time', async () => {
    const early = await makeReader(product, ['topic:weekly'])
    await letEndIn(product, early.email, 31)
    const paused = await makeReader(product, ['topic:weekly'])
    const { id } = await readerOf(product, paused.email)
    const { db } = product.connections
    await write(
      db.manager,
      'UPDATE reader SET paused_until = UTC_TIMESTAMP(3) + INTERVAL 5 DAY WHERE id = ?',
      [id],
    )
    await letEndIn(product, paused.email, 20)
    await sweeps(3)
    expect(await renewalNotices(product, early.email)).toEqual([])
    expect(await renewalNotices(product, paused.email)).toEqual([])

    await write(
      db.manager,
      'UPDATE reader SET paused_until = UTC_TIMESTAMP(3) + INTERVAL 25 DAY WHERE id = ?',
      [id],
    )
    await renewalMail(product, paused.email)
  })

  test('can be renewed in part, and stopped', async () => {
    const { email } = await makeReader(product, ['topic:weekly', 'topic:monthly'])
    await letEndIn(product, email, 20)
    const token = tokenOf(await renewalMail(product, email))
    const page = fieldsOf(await pageOf(token))

    expect((await send(`/a/${token}`, { ...page, only: 'topic:monthly' })).status).toBe(200)
    expect(await stateOf(email, 'topic:monthly')).toBe('RenewedConsentGiven')
    expect(await stateOf(email, 'topic:weekly')).toBe('ConsentGiven')

    const stopped = await send(`/a/${token}/stop`, fieldsOf(await pageOf(token)))
    expect(stopped.status).toBe(200)
    expect(await stateOf(email, 'topic:weekly')).toBe('ConsentWithdrawn')
    expect(await stateOf(email, 'topic:monthly')).toBe('RenewedConsentGiven')
    const events = await eventsOf(product, email)
    expect((await send(`/a/${token}/stop`, { 'shown:topic:weekly': '1' })).status).toBe(200)
    expect(await eventsOf(product, email)).toHaveLength(events.length)
  })

  test('ends by itself: an event says so, no mail goes, and the link renews nothing', async () => {
    const { email } = await makeReader(product, ['topic:weekly'])
    await letEndIn(product, email, 20)
    const token = tokenOf(await renewalMail(product, email))
    const fields = fieldsOf(await pageOf(token))
    await letEndIn(product, email, 0)
    await until(async () => (await stateOf(email, 'topic:weekly')) === 'ConsentExpired', 'expired')

    expect(await lastEvent(email)).toMatchObject({
      fromState: 'ConsentGiven',
      surface: 'SYSTEM',
      method: 'EXPIRY',
      actor: 'SYSTEM',
    })
    const events = await eventsOf(product, email)
    await sweeps(2)
    expect((await send(`/a/${token}`, fields)).status).toBe(200)
    expect(await pageOf(token)).toContain('There is nothing to renew')
    expect(await eventsOf(product, email)).toHaveLength(events.length)
    // Asking anew works.
    const again = await registerInput(product, ['topic:weekly'], { email })
    expect((await register(product, again)).accepted).toBe(true)
  })

  test('words that are not the present ones, of a purpose that does not exist or of another reader renew nothing', async () => {
    const token = await renewalToken(product)
    const fields = fieldsOf(await pageOf(token))
    await expectNoChange(product, async () => {
      for (const [name, value] of [
        ['shown:topic:weekly', '99'],
        ['shown:topic:none', '1'],
        ['only', 'topic:none'],
        ['only', 'personalisation'],
        ['policyVersion', '0'],
      ] as const)
        expect((await send(`/a/${token}`, { ...fields, [name]: value })).status).toBe(422)
    })
  })
})

test('a topic that was silent for a year asks its readers first; who does not answer is out, then it can be sent', async () => {
  const topic = await makeTopic(product, admin, 'silent', 'Silent')
  const stays = await makeReader(product, ['topic:silent'])
  const leaves = await makeReader(product, ['topic:silent'])
  for (const { email } of [stays, leaves]) await letEndIn(product, email, 200)
  const { db } = product.connections
  const refresh = async (): Promise<AnyData> =>
    (
      await ok(
        product,
        'mutation ($id: ID!) { topicRefresh(id: $id) { topic { slug } userErrors { code field } } }',
        { id: topic.id },
        { token: admin.token },
      )
    ).topicRefresh
  expect((await refresh()).userErrors).toEqual([{ code: 'INVALID_STATE', field: ['id'] }])
  await write(
    db.manager,
    'UPDATE topic SET created_at = UTC_TIMESTAMP(3) - INTERVAL 13 MONTH WHERE slug = ?',
    ['silent'],
  )
  const draft = await makeNewsletter(product, admin, topic.id)
  expect(draft.checklist.items).toContainEqual(
    expect.objectContaining({ key: 'silence', severity: 'BLOCKER', status: 'FAIL' }),
  )
  const { newsletterSchedule } = await ok(
    product,
    SCHEDULE,
    { id: draft.id, input: scheduleInput(draft) },
    { token: admin.token },
  )
  expect(newsletterSchedule.userErrors).toMatchObject([
    { code: 'CHECKLIST_BLOCKED', blocking: [{ key: 'silence' }] },
  ])

  expect(await refresh()).toEqual({ topic: { slug: 'silent' }, userErrors: [] })
  expect((await refresh()).userErrors).toEqual([{ code: 'INVALID_STATE', field: ['id'] }])
  const mail = await renewalMail(product, stays.email)
  expect(mail.text).toContain('Silent')
  await renewalMail(product, leaves.email)
  expect((await press(tokenOf(mail))).status).toBe(200)
  await write(db.manager, 'UPDATE topic SET refresh_at = refresh_at - INTERVAL 31 DAY WHERE slug = ?', [
    'silent',
  ])
  await write(
    db.manager,
    "UPDATE consent SET changed_at = changed_at - INTERVAL 31 DAY WHERE reader_id = ? AND state = 'ConsentGiven'",
    [(await readerOf(product, leaves.email)).id],
  )
  await until(async () => (await stateOf(leaves.email, 'topic:silent')) === 'ConsentExpired', 'expired')

  const ready = await fetchNewsletter(product, admin, draft.id)
  expect(ready).toMatchObject({ checklist: { ready: true }, audience: { estimate: { willReceive: 1 } } })
  await scheduleNow(product, admin, draft.id)
  await untilStatus(product, draft.id, 'SENT')
  expect(messagesOf(product, draft.id).flatMap(one => one.to)).toEqual([stays.email])
})

const renewals = async (): Promise<number> => {
  const [row] = await select<{ count: number }>(
    product.connections.db.manager,
    'SELECT COUNT(*) AS count FROM renewal',
  )
  return Number(row?.count)
}
