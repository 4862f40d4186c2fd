import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeNewsletter, makeReader, makeStaff, makeTopic } from './support/actors'
import { type AnyData, ok } from './support/api'
import { until } from './support/checker'
import { runWeinterrupt } from './support/command'
import { expectNoChange } from './support/dump'
import { verdict } from './support/ledger'
import { logInApp } from './support/logging-in'
import { type Product, startProduct } from './support/product'
import { readerOf, unsubscribeToken } from './support/rows'

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-receipts-'))
let product: Product
let newsletter: AnyData
let email: string
let token: string
let text: string

beforeAll(async () => {
  product = await startProduct({ env: { JURISDICTION: 'DE', SUPERVISORY_AUTHORITY: 'The Authority' } })
  const admin = await makeStaff(product, 'ADMIN')
  newsletter = await makeNewsletter(product, admin, (await makeTopic(product, admin, 'weekly', 'Weekly')).id)
  email = (await makeReader(product, ['topic:weekly'], { name: 'Canary Name', locale: 'de' })).email
  const link = await unsubscribeToken(product, email, newsletter.id)
  await fetch(`${product.url}/u/${link}`, { method: 'POST' })
  token = (await logInApp(product, email)).accessToken
  text = await receipt(token)
})
afterAll(async () => {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const receipt = async (accessToken: string): Promise<string> =>
  (await ok(product, '{ viewer { reader { receipt } } }', {}, { token: accessToken, staff: false })).viewer
    .reader.receipt

/** As a person without any server of ours would check it. */
async function check(content: string, ...more: string[]) {
  const file = join(folder, 'receipt.json')
  writeFileSync(file, content)
  return runWeinterrupt({}, 'ledger', 'verify-receipt', file, ...more)
}

async function publishedKey(url = product.url): Promise<string> {
  const response = await fetch(`${url}/.well-known/weinterrupt-ledger.json`)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  const file = join(folder, 'key.json')
  writeFileSync(file, await response.text())
  return file
}

test('a receipt names every consent with its state, its terms, its history and the very words', async () => {
  const { publicId } = await readerOf(product, email)

  const { receipt: said } = JSON.parse(text)

  expect(said).toMatchObject({
    '@type': 'dpv:ConsentReceipt',
    'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr',
    'dct:publisher': 'We Interrupt',
  })
  const records: AnyData[] = said['dpv:hasRecordOfActivity']
  expect(records.map(one => [one['dpv:hasPurpose']['dct:identifier'], one['dpv:hasConsentStatus']])).toEqual([
    ['topic:weekly', 'dpv:ConsentWithdrawn'],
    ['personalisation', 'dpv:ConsentRefused'],
  ])
  expect(records[0]).toMatchObject({
    '@type': 'dpv:ConsentRecord',
    'dpv:hasDataSubject': publicId,
    'dpv:hasDataController': {
      'dpv:hasName': 'We Interrupt',
      'dpv:hasAddress': product.config.postalAddress,
    },
    'dpv:hasJurisdiction': 'DE',
    'dpv:hasAuthority': 'The Authority',
    'dpv:hasLegalBasis': 'eu-gdpr:A6-1-a',
  })
  const history: AnyData[] = records[0].events
  expect(history.map(one => one['dpv:hasConsentStatus'])).toEqual([
    'dpv:ConsentRequested',
    'dpv:ConsentGiven',
    'dpv:ConsentWithdrawn',
  ])
  expect(history[1].words).toEqual({
    locale: 'de',
    title: 'Weekly (de)',
    description: 'Alles über Weekly',
    cadence: 'jede Woche',
  })
  expect(JSON.parse(history[1].hashed.evidence)).toMatchObject({ proof: 'LINK' })
})

test('it holds no address and no name', () => {
  for (const value of [email, email.split('@')[0] ?? email, 'example.org', 'Canary'])
    expect(text).not.toContain(value)
})

test('reading it changes nothing', async () => {
  await expectNoChange(product, async () => {
    await receipt(token)
  })
})

test('it is checked without any server, with the key the site publishes', async () => {
  const alone = await check(text)
  const withKey = await check(text, '--key', await publishedKey())

  expect(alone).toMatchObject({ code: 0, err: '' })
  expect(alone.out).toContain('Compare it with /.well-known/weinterrupt-ledger.json')
  expect(withKey).toMatchObject({ code: 0, err: '' })
  expect(withKey.out).toMatch(/^Valid: We Interrupt signed it on .*; 2 consents, 4 events\.\n$/)
})

test.each([
  ['a word', (one: string) => one.replace('Alles über', 'Nichts über'), /signature/],
  ['a state', (one: string) => one.replace('dpv:ConsentWithdrawn', 'dpv:ConsentGiven'), /signature/],
  ['a time', (one: string) => one.replace(/"at": "2/, '"at": "3'), /signature/],
  ['the signature', (one: string) => one.replace(/"value": "../, '"value": "AA'), /signature/],
])('with another %s than was signed it is not valid', async (_what, change, problem) => {
  expect(change(text)).not.toBe(text)

  const { code, out } = await check(change(text), '--json')

  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) })
})

test('one that somebody else signed is not valid with the key of the site', async () => {
  const key = await publishedKey()
  const published = JSON.parse(readFileSync(key, 'utf8'))
  writeFileSync(key, JSON.stringify({ ...published, publicKey: Buffer.alloc(32, 1).toString('base64') }))

  expect(await check(text, '--key', key)).toMatchObject({
    code: 1,
    out: expect.stringContaining('NOT VALID'),
  })
})

test.each([
  ['no JSON', '{', []],
  ['another JSON', '{"receipt":{},"signature":{}}', []],
  ['a key file that is none', undefined, ['--key', 'package.json']],
  ['a key file that is not there', undefined, ['--key', 'nowhere.json']],
])('%s is refused in a sentence', async (_what, content, more) => {
  const { code, out, err } = await check(content ?? text, ...more)

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^.*(is not a receipt|must be a file like|cannot be read).*\n$/)
})

test('whoever holds only a link of a mail gets no receipt', async () => {
  const { email: other } = await makeReader(product, ['topic:weekly'])
  const link = await unsubscribeToken(product, other, newsletter.id)
  const query = `mutation ($input: UnsubscribeInput!) { unsubscribe(input: $input) { reader { receipt } } }`

  const answer = await ok(product, query, { input: { scope: 'ALL', token: link } })

  expect(answer.unsubscribe.reader).toEqual({ receipt: null })
})

test('the worker makes the first checkpoint by itself and copies it out of the database', async () => {
  const file = join(product.config.stateDir, 'ledger.jsonl')
  const lines = (): string[] => {
    try {
      return readFileSync(file, 'utf8').trimEnd().split('\n')
    } catch {
      return []
    }
  }
  await until(async () => lines().length === 1, 'a checkpoint in STATE_DIR')

  expect(await verdict(product)).toMatchObject({ ok: true, checkpoints: 1, notes: [] })
})
