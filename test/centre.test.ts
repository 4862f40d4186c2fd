import { Consent } from '../src/entities/consent'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import { write } from '../src/transaction'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  scheduleNow,
  tokenIn,
  waitForStatus,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import {
  ADDRESS_CONFIRM,
  ADDRESS_START,
  act,
  CONSENT_SAVE,
  codesOf,
  consentInput,
  PAUSE,
  PROFILE_SAVE,
  preferencesToken,
  prove,
  RESUME,
  TOPIC_SAVE,
} from './support/centre'
import { confirmByApi } from './support/confirming'
import { expectNoChange } from './support/dump'
import { readerWithLink, statesOf } from './support/leaving'
import { logInApp, roleOf } from './support/logging-in'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct, sweeps } from './support/product'
import { eventsOf, personOf, readerOf, settled, suppressAddress, suppressionsOf } from './support/rows'

let product: Product
let admin: Staff
let topicId: string
let weekly: string

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topicId = (await makeTopic(product, admin, 'weekly', 'Weekly')).id
  await makeTopic(product, admin, 'monthly', 'Monthly')
  weekly = (await makeNewsletter(product, admin, topicId)).id
})
afterAll(() => product?.stop())

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

/** Somebody who gets Weekly and is logged in. */
async function loggedIn(overrides: Record<string, unknown> = {}) {
  const { email } = await makeReader(product, ['topic:weekly'], overrides)
  const { accessToken } = await logInApp(product, email)
  return { email, accessToken: accessToken as string }
}

const consentOf = async (email: string, slug = 'weekly'): Promise<Consent> => {
  const { id } = await readerOf(product, email)
  const consents = await product.connections.db.manager.findBy(Consent, { readerId: id })
  const [row] = await product.connections.db.query('SELECT purpose_id AS id FROM topic WHERE slug = ?', [
    slug,
  ])
  const found = consents.find(one => one.purposeId === row.id)
  if (!found) throw new Error('Never asked')
  return found
}

describe('how often', () => {
  const save = (input: Record<string, unknown>, token?: string) =>
    act(product, TOPIC_SAVE, { input: { topicSlug: 'weekly', ...input } }, token)

  test('less takes effect at once, more needs a fresh code', async () => {
    const { email, accessToken } = await loggedIn()
    const version = async () => (await readerOf(product, email)).version
    const before = await version()
    expect(codesOf(await save({ frequency: 'AT_MOST_MONTHLY' }, accessToken))).toEqual([])
    expect(await version()).toBeGreaterThan(before)
    expect((await consentOf(email)).frequency).toBe('AT_MOST_MONTHLY')

    expect(codesOf(await save({ frequency: 'AT_MOST_WEEKLY' }, accessToken))).toEqual([
      'FRESH_PROOF_REQUIRED',
    ])
    expect((await consentOf(email)).frequency).toBe('AT_MOST_MONTHLY')
    await settled(product, email)
    await prove(product, email, accessToken)
    expect(codesOf(await save({ frequency: 'AT_MOST_WEEKLY' }, accessToken))).toEqual([])
    expect((await consentOf(email)).frequency).toBe('AT_MOST_WEEKLY')
  })

  test('by a link of a mail only less, whoever is logged in; what logs in is mailed instead', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    const other = await loggedIn()
    await prove(product, other.email, other.accessToken)
    for (const link of [token, await preferencesToken(product, email, weekly)])
      expect(codesOf(await save({ frequency: 'AT_MOST_WEEKLY', token: link }))).toEqual([])
    const mails = mailsTo(product, email).length

    expect(codesOf(await save({ frequency: 'EVERY_ISSUE', token }, other.accessToken))).toEqual([
      'FRESH_PROOF_REQUIRED',
    ])
    expect((await consentOf(email)).frequency).toBe('AT_MOST_WEEKLY')
    expect((await waitForMail(product, email, mails + 1)).subject).toBe('Log in to We Interrupt')
  })

  test('a pause of one topic is its own, and ends by its date or a code', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    const until = inDays(10)
    expect(codesOf(await save({ frequency: 'EVERY_ISSUE', pausedUntil: until, token }))).toEqual([])
    const id = (await makeNewsletter(product, admin, topicId)).id
    const { audience } = await ok(
      product,
      `query ($id: ID!) { newsletter(id: $id) { audience { estimate { skipped { reason count } } } } }`,
      { id },
      { token: admin.token },
    ).then(data => data.newsletter)
    expect(audience.estimate.skipped).toContainEqual({ reason: 'PAUSED', count: 1 })
    for (const pausedUntil of [null, inDays(5)])
      expect(codesOf(await save({ frequency: 'EVERY_ISSUE', pausedUntil, token }))).toEqual([
        'FRESH_PROOF_REQUIRED',
      ])
    expect(codesOf(await save({ frequency: 'AT_MOST_WEEKLY', pausedUntil: inDays(20), token }))).toEqual([])
    expect((await consentOf(email, 'monthly')).pausedUntil).toBeNull()
  })

  test('refuses what is not there, not on, in the past or too far away, and changes nothing', async () => {
    const { accessToken } = await loggedIn()
    const { email, token } = await readerWithLink(product, weekly)
    await settled(product, email)
    await expectNoChange(product, async () => {
      const cases: [Record<string, unknown>, string | undefined, string][] = [
        [{ topicSlug: 'nothing', frequency: 'EVERY_ISSUE' }, accessToken, 'NOT_FOUND'],
        [{ topicSlug: 'x'.repeat(10_000), frequency: 'EVERY_ISSUE' }, accessToken, 'NOT_FOUND'],
        [{ topicSlug: 'monthly', frequency: 'AT_MOST_WEEKLY' }, accessToken, 'INVALID_STATE'],
        [{ frequency: 'AT_MOST_WEEKLY', pausedUntil: inDays(-1) }, accessToken, 'INVALID'],
        [{ frequency: 'AT_MOST_WEEKLY', pausedUntil: inDays(400), token }, undefined, 'INVALID'],
        [{ frequency: 'AT_MOST_WEEKLY' }, undefined, 'TOKEN_INVALID'],
        [{ frequency: 'AT_MOST_WEEKLY', token: token.replace(/.$/, 'a2') }, accessToken, 'TOKEN_INVALID'],
        [{ frequency: 'AT_MOST_WEEKLY', token: 'x'.repeat(10_000) }, undefined, 'TOKEN_INVALID'],
      ]
      for (const [input, as, code] of cases) expect(codesOf(await save(input, as))).toEqual([code])
    })
  })
})

describe('a pause of everything', () => {
  const pause = (until: string, token?: string, as?: string) =>
    act(product, PAUSE, { input: { until, token } }, as)

  test('shows as the reader’s state, may be made longer by a link, and shorter only with a code', async () => {
    const { email, accessToken } = await loggedIn()
    const token = await preferencesToken(product, email, weekly)
    const until = inDays(14)
    expect(await pause(until, token)).toEqual({
      reader: { status: 'PAUSED', pausedUntil: until },
      alreadyPassed: [],
      userErrors: [],
    })
    expect(codesOf(await pause(inDays(30), token))).toEqual([])
    expect(codesOf(await pause(until, token))).toEqual(['FRESH_PROOF_REQUIRED'])
    expect(codesOf(await act(product, RESUME, { token }))).toEqual(['FRESH_PROOF_REQUIRED'])
    expect(codesOf(await act(product, RESUME, {}, accessToken))).toEqual(['FRESH_PROOF_REQUIRED'])
    await settled(product, email)
    await prove(product, email, accessToken)
    expect(await act(product, RESUME, {}, accessToken)).toMatchObject({ reader: { status: 'ACTIVE' } })
    // Nothing to end any more: that is no more mail.
    expect(codesOf(await act(product, RESUME, { token }))).toEqual([])
  })

  test('refuses a moment that is over, too far away, or somebody else’s link', async () => {
    const { email, accessToken } = await loggedIn()
    await expectNoChange(product, async () => {
      expect(codesOf(await pause(inDays(-1), undefined, accessToken))).toEqual(['INVALID'])
      expect(codesOf(await pause(inDays(367), undefined, accessToken))).toEqual(['INVALID'])
      expect(codesOf(await pause(inDays(3)))).toEqual(['TOKEN_INVALID'])
      expect(codesOf(await pause(inDays(3), 'forged', accessToken))).toEqual(['TOKEN_INVALID'])
    })
    expect((await readerOf(product, email)).pausedUntil).toBeNull()
  })

  test('a newsletter that starts meanwhile skips the reader with the reason', async () => {
    const { email } = await loggedIn()
    const token = await preferencesToken(product, email, weekly)
    await pause(inDays(1), token)
    const id = (await makeNewsletter(product, admin, topicId)).id
    await scheduleNow(product, admin, id)
    const sent = await waitForStatus(product, admin, id, 'SENT')
    expect(sent.report.skipped).toContainEqual(expect.objectContaining({ reason: 'PAUSED' }))
    const mails = mailsTo(product, email).filter(one => one.data.includes('List-Unsubscribe'))
    expect(mails).toEqual([])
  })
})

describe('yes and no', () => {
  const save = async (wanted: Record<string, boolean>, as?: string, overrides = {}) =>
    act(product, CONSENT_SAVE, { input: await consentInput(product, wanted, overrides) }, as)

  test('a yes needs a code that was mailed and entered, and names it; taking back needs neither', async () => {
    const { email, accessToken } = await loggedIn()
    expect(codesOf(await save({ 'topic:monthly': true }, accessToken))).toEqual(['FRESH_PROOF_REQUIRED'])
    expect(await statesOf(product, email)).not.toContain('ConsentGiven:monthly')
    await settled(product, email)
    await prove(product, email, accessToken)
    expect(codesOf(await save({ 'topic:monthly': true, 'topic:weekly': false }, accessToken))).toEqual([])

    const [given, withdrawn] = (await eventsOf(product, email)).slice(-2)
    expect(given).toMatchObject({ toState: 'ConsentGiven', surface: 'MOBILE_APP', method: 'SAVE_CHOICES' })
    expect(JSON.parse(given?.evidence ?? '')).toMatchObject({
      proof: 'CODE',
      code: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(withdrawn).toMatchObject({ toState: 'ConsentWithdrawn' })
    // A yes that stands in these words is no new one.
    const before = (await eventsOf(product, email)).length
    await write(product.connections.db.manager, 'UPDATE reader_session SET proven_at = NULL')
    expect(codesOf(await save({ 'topic:monthly': true }, accessToken))).toEqual([])
    expect(await eventsOf(product, email)).toHaveLength(before)
  })

  test('a mailed link takes back and never gives, and all of it is saved or nothing', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    expect(
      codesOf(await save({ 'topic:weekly': false, personalisation: true }, undefined, { token })),
    ).toEqual(['FRESH_PROOF_REQUIRED'])
    expect((await consentOf(email)).state).toBe('ConsentGiven')
    expect(codesOf(await save({ 'topic:weekly': false }, undefined, { token }))).toEqual([])
    expect((await consentOf(email)).state).toBe('ConsentWithdrawn')
  })

  test('stale words stop a yes and carry the current ones; they never stop a withdrawal', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    const stale = { policyVersion: '0' }
    const answer = await save({ personalisation: true }, accessToken, stale)
    expect(answer.userErrors).toMatchObject([{ __typename: 'StalePolicyError', code: 'STALE_POLICY' }])
    expect(codesOf(await save({ 'topic:weekly': false }, accessToken, stale))).toEqual([])
  })

  test('after "stop everything" only a code entered afterwards brings mail back', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    await ok(
      product,
      'mutation { unsubscribe(input: { scope: ALL }) { userErrors { code } } }',
      {},
      { token: accessToken, staff: false },
    )
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
    const mails = mailsTo(product, email).length
    expect(codesOf(await save({ 'topic:weekly': true }, accessToken))).toEqual(['FRESH_PROOF_REQUIRED'])
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
    await waitForMail(product, email, mails + 1)
    await settled(product, email)
    await write(product.connections.db.manager, 'UPDATE reader_session SET proven_at = NULL')
    await prove(product, email, accessToken)
    expect(codesOf(await save({ 'topic:weekly': true }, accessToken))).toEqual([])
    expect(await suppressionsOf(product, email)).toEqual([])
  })

  test('a blocked address gets nothing back, whatever was proved', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    await suppressAddress(product, email, SuppressionReason.COMPLAINT)
    expect(codesOf(await save({ personalisation: true }, accessToken))).toEqual(['SUPPRESSED'])
  })

  test('refuses unknown and doubled purposes, too many, none, and claims of another door', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    const one = { purposeKey: 'topic:weekly', purposeVersion: 1, granted: false }
    await expectNoChange(product, async () => {
      const cases: [Record<string, unknown>, string][] = [
        [{ decisions: [] }, 'REQUIRED'],
        [{ decisions: [one, one] }, 'INVALID'],
        [{ decisions: Array.from({ length: 51 }, () => one) }, 'TOO_LONG'],
        [{ decisions: [{ ...one, purposeKey: 'nothing' }] }, 'NOT_FOUND'],
        [{ surface: 'STAFF' }, 'INVALID'],
        [{ method: 'CONFIRM_LINK' }, 'INVALID'],
        [{ token: 'forged' }, 'TOKEN_INVALID'],
      ]
      for (const [overrides, code] of cases)
        expect(codesOf(await save({ 'topic:weekly': false }, accessToken, overrides))).toEqual([code])
      expect(codesOf(await save({ 'topic:weekly': false }))).toEqual(['TOKEN_INVALID'])
    })
  })
})

describe('what is known of the reader', () => {
  test('name, language and time zone are saved, removed with null, and kept when left out', async () => {
    const { email, accessToken } = await loggedIn({ name: 'Ada' })
    const save = (input: Record<string, unknown>) => act(product, PROFILE_SAVE, { input }, accessToken)
    const { version } = await readerOf(product, email)
    expect(await save({ locale: 'de', timeZone: 'Europe/Berlin' })).toEqual({
      reader: { name: 'Ada', locale: 'de', timeZone: 'Europe/Berlin' },
      userErrors: [],
    })
    expect((await readerOf(product, email)).version).toBe(version + 1)
    expect((await save({ name: ' Grace ' })).reader).toMatchObject({ name: 'Grace' })
    expect((await save({ name: null, timeZone: null })).reader).toEqual({
      name: null,
      locale: 'de',
      timeZone: null,
    })
    expect(await personOf(product, email)).toEqual({ email, name: null })
    await expectNoChange(product, async () => {
      expect(codesOf(await save({ name: 'x'.repeat(101) }))).toEqual(['TOO_LONG'])
      expect(codesOf(await save({ name: 'a\u202eb', locale: 'fr' }))).toEqual(['INVALID', 'INVALID'])
    })
  })

  test('each answer has its history and the very words, and each mail the yes that allowed it', async () => {
    const { email, accessToken } = await loggedIn()
    const id = (await makeNewsletter(product, admin, topicId)).id
    await scheduleNow(product, admin, id)
    await waitForStatus(product, admin, id, 'SENT')
    const token = await preferencesToken(product, email, id)
    await act(product, CONSENT_SAVE, {
      input: await consentInput(product, { 'topic:weekly': false }, { token }),
    })
    const query = `{ viewer { reader {
      consents { purpose { key } status words { title description locale } }
      consentEvents(first: 2) { nodes { from to surface method actor purposeVersion wordingHash policy { version } words { title } }
        pageInfo { hasNextPage endCursor } }
      deliveries { nodes { id status subject topic { name } allowedBy { to at surface words { title cadence } } } } } } }`
    const { reader } = (await ok(product, query, {}, { token: accessToken, staff: false })).viewer

    const consent = reader.consents.find((one: AnyData) => one.purpose.key === 'topic:weekly')
    expect(consent).toMatchObject({
      status: 'WITHDRAWN',
      words: { title: 'Weekly', description: 'All about Weekly', locale: 'en' },
    })
    const [withdrawn] = reader.consentEvents.nodes
    expect(withdrawn).toMatchObject({
      from: 'GRANTED',
      to: 'WITHDRAWN',
      actor: 'READER',
      purposeVersion: 1,
      words: { title: 'Weekly' },
    })
    expect(reader.consentEvents.pageInfo.hasNextPage).toBe(true)
    const delivery = reader.deliveries.nodes.find((one: AnyData) => one.status === 'SENT')
    expect(delivery).toMatchObject({
      subject: 'News for you',
      topic: { name: 'Weekly' },
      allowedBy: {
        to: 'GRANTED',
        surface: 'CONFIRM_PAGE',
        words: { title: 'Weekly', cadence: 'every week' },
      },
    })
    const older = await ok(
      product,
      `query ($after: String) { viewer { reader { consentEvents(first: 100, after: $after) { nodes { to } } } } }`,
      { after: reader.consentEvents.pageInfo.endCursor },
      { token: accessToken, staff: false },
    )
    const all = await eventsOf(product, email)
    expect(older.viewer.reader.consentEvents.nodes).toHaveLength(all.length - 2)
  })

  test('by a mailed link: the masked address, the topics and their state, and nothing else', async () => {
    const { email, token } = await readerWithLink(product, weekly, { name: 'Ada', timeZone: 'Europe/Berlin' })
    const other = await loggedIn()
    const query = `mutation ($token: String!) { unsubscribe(input: { scope: TOPIC, token: $token }) { reader {
      maskedEmail email name timeZone confirmedAt createdAt status
      topics { topic { slug } frequency consent { status changedAt expiresAt policy { version } words { title } } }
      consents { status } consentEvents { nodes { id } } deliveries { nodes { id } } sessions { id } } } }`
    const { reader } = await act(product, query, { token }, other.accessToken)
    const state = (slug: string, status: string) => ({
      topic: { slug },
      frequency: 'EVERY_ISSUE',
      consent: { status, changedAt: null, expiresAt: null, policy: null, words: null },
    })
    expect(reader).toEqual({
      maskedEmail: 'r•••@example.org',
      status: 'ACTIVE',
      topics: [state('weekly', 'WITHDRAWN'), state('monthly', 'GRANTED')],
      ...{ email: null, name: null, timeZone: null, confirmedAt: null, createdAt: null },
      ...{ consents: [], consentEvents: { nodes: [] }, deliveries: { nodes: [] }, sessions: [] },
    })
    expect(JSON.stringify(reader)).not.toContain(email)
  })
})

describe('another address', () => {
  const start = (newEmail: string, as?: string) => act(product, ADDRESS_START, { newEmail }, as)
  const confirm = (token: string) => act(product, ADDRESS_CONFIRM, { token })
  const fresh = () => `new-${Math.random().toString(36).slice(2)}@example.org`
  const linkTo = async (email: string): Promise<string> => {
    const mail = await waitForMail(product, email)
    await settled(product, email)
    return /\/e\/([a-z2-7]{53})/.exec(mail.text)?.[1] ?? ''
  }

  test('is proved on both ends: a code from the old one, a button behind a link to the new one', async () => {
    const { email, accessToken } = await loggedIn({ name: 'Ada' })
    const newEmail = fresh()
    expect(codesOf(await start(newEmail, accessToken))).toEqual(['FRESH_PROOF_REQUIRED'])
    await settled(product, email)
    await prove(product, email, accessToken)
    expect(await start(newEmail, accessToken)).toEqual({ accepted: true, userErrors: [] })
    const token = await linkTo(newEmail)
    const page = await fetch(`${product.url}/e/${token}`)
    expect(await page.text()).toContain('n•••@example.org')
    expect(await personOf(product, email)).toEqual({ email, name: 'Ada' })
    const mails = mailsTo(product, email).length
    const { version } = await readerOf(product, email)

    expect(await confirm(token)).toEqual({
      reader: { maskedEmail: 'n•••@example.org', email: null },
      alreadyPassed: [],
      userErrors: [],
    })

    expect(await personOf(product, newEmail)).toEqual({ email: newEmail, name: 'Ada' })
    expect((await readerOf(product, newEmail)).version).toBe(version + 1)
    expect(await roleOf(product, accessToken)).toBe('ANONYMOUS')
    const told = await waitForMail(product, email, mails + 1)
    expect(told.subject).toBe('Your address at We Interrupt was changed')
    expect(told.text + told.html).not.toContain(newEmail)
    expect(codesOf(await confirm(token))).toEqual(['TOKEN_EXPIRED'])
    expect((await logInApp(product, newEmail)).accessToken).toBeTruthy()
  })

  test('the same answer for a known address, to which nothing is sent', async () => {
    const known = (await loggedIn()).email
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    const mails = mailsTo(product, known).length
    expect(await start(known, accessToken)).toEqual(await start(fresh(), accessToken))
    await settled(product, known)
    await sweeps(2)
    expect(mailsTo(product, known)).toHaveLength(mails)
  })

  test('an earlier link is void after a later wish, after the address was changed, taken or blocked', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    const wish = async (): Promise<[string, string]> => {
      const to = fresh()
      await start(to, accessToken)
      return [await linkTo(to), to]
    }
    const [first] = await wish()
    const [second, taken] = await wish()
    expect(codesOf(await confirm(first))).toEqual(['TOKEN_EXPIRED'])
    // Somebody signs up with it first.
    await register(product, await registerInput(product, ['topic:weekly'], { email: taken }))
    await confirmByApi(product, tokenIn(await waitForMail(product, taken, 2), 'c'))
    expect(codesOf(await confirm(second))).toEqual(['TOKEN_EXPIRED'])
    const [third, blocked] = await wish()
    await suppressAddress(product, blocked, SuppressionReason.COMPLAINT)
    expect(codesOf(await confirm(third))).toEqual(['SUPPRESSED'])
    const [fourth] = await wish()
    await write(product.connections.db.manager, 'UPDATE email_change SET expires_at = UTC_TIMESTAMP(3)')
    expect(codesOf(await confirm(fourth))).toEqual(['TOKEN_EXPIRED'])
    expect(codesOf(await confirm('forged'))).toEqual(['TOKEN_INVALID'])
    expect(await personOf(product, email)).toMatchObject({ email })
  })

  test('pressed twice at once it happens once, and the suppression of the old address stays with it', async () => {
    const { email, accessToken } = await loggedIn()
    await prove(product, email, accessToken)
    const to = fresh()
    await start(to, accessToken)
    const token = await linkTo(to)
    await suppressAddress(product, email, SuppressionReason.HARD_BOUNCE)
    const answers = await Promise.all([confirm(token), confirm(token), confirm(token)])
    expect(answers.filter(answer => answer.reader)).toHaveLength(1)
    expect(await suppressionsOf(product, email)).toEqual(['HARD_BOUNCE'])
    expect(await suppressionsOf(product, to)).toEqual([])
    expect(
      await product.connections.db.manager.countBy(Reader, { id: (await readerOf(product, to)).id }),
    ).toBe(1)
  })

  test('refuses what is no address', async () => {
    const { accessToken } = await loggedIn()
    await expectNoChange(product, async () => {
      expect(codesOf(await start('', accessToken))).toEqual(['REQUIRED'])
      for (const text of ['nobody', 'a@b', `${'x'.repeat(5000)}@example.org`])
        expect(codesOf(await start(text, accessToken))).toEqual(['INVALID'])
    })
  })
})

test('linkToken says what each link would do, and does nothing', async () => {
  const { email, token } = await readerWithLink(product, weekly)
  const preferences = await preferencesToken(product, email, weekly)
  const query = `query ($token: String!) { linkToken(token: $token) { purpose maskedEmail topic { slug } expiresAt stillNeeded } }`
  await settled(product, email)
  await expectNoChange(product, async () => {
    const topic = { slug: 'weekly' }
    const info = { maskedEmail: 'r•••@example.org', topic, expiresAt: null, stillNeeded: true }
    expect(await act(product, query, { token })).toEqual({ purpose: 'UNSUBSCRIBE', ...info })
    expect(await act(product, query, { token: preferences })).toEqual({ purpose: 'PREFERENCES', ...info })
    await expect(act(product, query, { token: 'forged' })).rejects.toThrow('NOT_FOUND')
  })
})
