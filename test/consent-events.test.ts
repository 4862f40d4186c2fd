import { createHash } from 'node:crypto'
import mysql from 'mysql2/promise'
import { hashOf } from '../src/consent/ledger'
import { PolicyVersion } from '../src/entities/policy-version'
import { PurposeVersion } from '../src/entities/purpose-version'
import { write } from '../src/transaction'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  tokenIn,
} from './support/actors'
import type { AnyData } from './support/api'
import { dumpDatabase } from './support/dump'
import { waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { backdateNotices, eventsOf, readerOf, unsubscribeToken } from './support/rows'

let product: Product
let newsletter: AnyData

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  newsletter = await makeNewsletter(product, admin, (await makeTopic(product, admin, 'weekly', 'Weekly')).id)
  await makeTopic(product, admin, 'monthly', 'Monthly')
})
afterAll(() => product?.stop())

/** From the first event on, each hash covers the event and the hash before it. */
async function expectUnbrokenChain(email: string): Promise<void> {
  const events = await eventsOf(product, email)
  const { publicId } = await readerOf(product, email)
  let previous: Buffer = Buffer.alloc(32)
  for (const [index, event] of events.entries()) {
    expect(event).toMatchObject({ principal: publicId, position: index + 1 })
    expect(event.previousHash).toEqual(previous)
    expect(event.hash).toEqual(hashOf(event))
    previous = event.hash
  }
}

async function unsubscribe(email: string): Promise<void> {
  const token = await unsubscribeToken(product, email, newsletter.id)
  expect((await fetch(`${product.url}/u/${token}`, { method: 'POST' })).status).toBe(200)
}

async function confirmAgain(email: string, granted: string[]): Promise<void> {
  await backdateNotices(product, email, 2 * 24 * 60)
  await register(product, await registerInput(product, granted, { email }))
  const token = tokenIn(await waitForMail(product, email, 2), 'c')
  expect((await fetch(`${product.url}/c/${token}`, { method: 'POST' })).status).toBe(200)
}

test('asked, given and refused are facts of their own with the words, the policy and the way they came', async () => {
  const before = new Date()
  const { email } = await makeReader(product, ['topic:weekly'], { locale: 'de' })

  const events = await eventsOf(product, email)

  expect(
    events.map(({ fromState, toState, method, surface }) => [fromState, toState, method, surface]),
  ).toEqual([
    ['ConsentUnknown', 'ConsentRequested', 'SAVE_CHOICES', 'WEB_FORM'],
    ['ConsentRequested', 'ConsentGiven', 'CONFIRM_LINK', 'CONFIRM_PAGE'],
    ['ConsentUnknown', 'ConsentRefused', 'SAVE_CHOICES', 'WEB_FORM'],
    ['ConsentUnknown', 'ConsentRefused', 'SAVE_CHOICES', 'WEB_FORM'],
  ])
  const manager = product.connections.db.manager
  for (const event of events) {
    const words = await manager.findOneByOrFail(PurposeVersion, { id: event.purposeVersionId })
    const policy = await manager.findOneByOrFail(PolicyVersion, { id: event.policyVersionId })
    expect(words).toMatchObject({ purposeId: event.purposeId, locale: 'de' })
    expect(event.wordingHash).toEqual(sha256([words.locale, words.title, words.description, words.cadence]))
    expect(policy.locale).toBe('de')
    expect(event.policyHash).toEqual(sha256([policy.title, policy.html]))
    expect(event.at.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1)
    expect(JSON.parse(event.evidence)).toEqual({
      link: expect.stringMatching(/^[0-9a-f]{64}$/),
      agePassed: 13,
      locale: 'de',
      ...(event.toState === 'ConsentGiven' && { proof: 'LINK' }),
    })
  }
  await expectUnbrokenChain(email)
})

const sha256 = (fields: unknown[]): Buffer => createHash('sha256').update(JSON.stringify(fields)).digest()

test('a life with the mails: given, withdrawn, asked again, given again, renewed, one chain', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  await unsubscribe(email)
  await confirmAgain(email, ['topic:weekly', 'topic:monthly'])

  const states = (await eventsOf(product, email)).map(({ fromState, toState }) => `${fromState} → ${toState}`)

  expect(states.slice(4)).toEqual([
    'ConsentGiven → ConsentWithdrawn',
    'ConsentWithdrawn → ConsentRequested',
    'ConsentRequested → ConsentGiven',
    'ConsentRefused → ConsentRequested',
    'ConsentRequested → ConsentGiven',
  ])
  await expectUnbrokenChain(email)
})

test('a yes that stands is renewed and never shows a moment without it', async () => {
  const { email } = await makeReader(product, ['topic:weekly'])
  await confirmAgain(email, ['topic:weekly'])

  const events = await eventsOf(product, email)

  expect(events.slice(4).map(({ fromState, toState }) => [fromState, toState])).toEqual([
    ['ConsentGiven', 'RenewedConsentGiven'],
  ])
  await expectUnbrokenChain(email)
})

test('no event holds a personal value', async () => {
  const { email } = await makeReader(product, ['topic:weekly', 'personalisation'], { name: 'Canary Name' })

  const { consent_event } = await dumpDatabase(product, 'consent_event')

  const everything = JSON.stringify(consent_event)
  expect(consent_event?.length).toBeGreaterThan(0)
  for (const value of [email, email.split('@')[0] ?? email, 'example.org', 'Canary'])
    expect(everything).not.toContain(value)
})

describe('an event stays as it was written', () => {
  const attacks = [
    'UPDATE consent_event SET actor = actor',
    "UPDATE consent_event SET to_state = 'ConsentGiven' LIMIT 1",
    'DELETE FROM consent_event LIMIT 1',
    'REPLACE INTO consent_event SELECT * FROM consent_event LIMIT 1',
    'INSERT INTO consent_event SELECT * FROM consent_event LIMIT 1 ON DUPLICATE KEY UPDATE actor = 1',
    'TRUNCATE consent_event',
  ]

  test.each([...attacks, 'DROP TRIGGER consent_event_no_update', 'ALTER TABLE consent_event ADD x int'])(
    'the running product has no right to: %s',
    async sql => {
      await makeReader(product, ['topic:weekly'])
      const before = await dumpDatabase(product, 'consent_event')

      await expect(write(product.connections.db.manager, sql)).rejects.toThrow(/denied/)

      expect(await dumpDatabase(product, 'consent_event')).toEqual(before)
    },
  )

  test.each(attacks.filter(sql => !sql.startsWith('TRUNCATE')))(
    'triggers keep the owner from: %s',
    async sql => {
      const before = await dumpDatabase(product, 'consent_event')
      const owner = await mysql.createConnection(product.config.databaseMigrationUrl)

      await expect(owner.query(sql)).rejects.toThrow('consent events are append-only')

      await owner.end()
      expect(before.consent_event?.length).toBeGreaterThan(0)
      expect(await dumpDatabase(product, 'consent_event')).toEqual(before)
    },
  )

  test.each(['policy_version', 'purpose_version'])(
    'the words in %s that were agreed to cannot be changed',
    async table => {
      const manager = product.connections.db.manager

      await expect(write(manager, `UPDATE ${table} SET title = 'x'`)).rejects.toThrow(/denied/)
      await expect(write(manager, `DELETE FROM ${table}`)).rejects.toThrow(/denied/)
    },
  )
})
