import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config'
import { openReader } from '../src/consent/readers'
import { openStaff } from '../src/consent/staff'
import { startSecondFactor } from '../src/consent/staff-second-factor'
import { Newsletter } from '../src/entities/newsletter'
import { Reader } from '../src/entities/reader'
import { StaffUser } from '../src/entities/staff-user'
import { createKeyring } from '../src/secrets/keyring'
import { open } from '../src/secrets/seal'
import { sealedTables } from '../src/secrets/sealed-tables'
import { select, transaction, write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, register, registerInput } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { runWeinterrupt, runWithInput } from './support/command'
import { everythingStored } from './support/dump'
import { type Product, startProduct } from './support/product'

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-keys-'))
const PASSPHRASE = 'a long enough passphrase'
let product: Product

beforeAll(async () => {
  product = await startProduct({ worker: false })
})
afterAll(async () => {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const manager = () => product.connections.db.manager
const ringOf = (secretKeys: string) => {
  const config = loadConfig({ ...product.env, SECRET_KEYS: secretKeys }, undefined)
  return createKeyring(config.secretKeys, config.addressKey)
}
const newKey = (id: number) => `${id}:${randomBytes(32).toString('base64')}`

test('create prints keys that the configuration takes, other ones each time', async () => {
  const [first, second] = [
    await runWeinterrupt({}, 'keys', 'create'),
    await runWeinterrupt({}, 'keys', 'create'),
  ]

  const keys = Object.fromEntries(first.out.split('\n').map(line => line.split(/=(.*)/s)))
  expect(loadConfig({ ...product.env, ...keys }, undefined).secretKeys.map(key => key.id)).toEqual([1])
  expect(second.out).not.toBe(first.out)
})

test('rotate puts a new key in front and prints the variable, or writes the file it came from', async () => {
  const file = join(folder, 'secret-keys')
  writeFileSync(file, `${product.env.SECRET_KEYS}\n`)
  const { SECRET_KEYS, ...others } = product.env

  const printed = await runWeinterrupt(product.env, 'keys', 'rotate')
  const written = await runWeinterrupt({ ...others, SECRET_KEYS_FILE: file }, 'keys', 'rotate')

  const line = /^SECRET_KEYS=(.*)$/m.exec(printed.out)?.[1] ?? ''
  for (const text of [line, readFileSync(file, 'utf8').trim()]) {
    expect(text.endsWith(`,${SECRET_KEYS}`)).toBe(true)
    expect(
      loadConfig({ ...product.env, SECRET_KEYS: text }, undefined).secretKeys.map(key => key.id),
    ).toEqual([2, 1])
  }
  expect([printed.code, written.code]).toEqual([0, 0])
  expect(written.out).not.toContain(SECRET_KEYS)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('every sealed column of the database is re-sealed after a rotation', async () => {
  const columns = await select<{ name: string }>(
    manager(),
    `SELECT CONCAT(table_name, '.', column_name) AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND column_name LIKE '%sealed%'`,
  )
  const known = sealedTables.flatMap(({ table, columns }) =>
    Object.keys(columns).map(column => `${table}.${column}`),
  )

  expect(known.sort()).toEqual(columns.map(({ name }) => name).sort())
})

test('rotate --reseal seals readers and staff anew, changes nothing else of them and can be repeated', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
  const readers = await makeReaders(product, 250, { name: n => `Name ${n}` })
  const before = new Map((await manager().find(Reader)).map(row => [row.id, row]))
  const { db, keyring } = product.connections
  const [started] = await manager().find(StaffUser)
  const factor = started && (await transaction(db, tx => startSecondFactor(tx, keyring, started, 'Site')))
  const env = { ...product.env, SECRET_KEYS: `${newKey(5)},${product.env.SECRET_KEYS}` }

  const first = await runWeinterrupt(env, 'keys', 'rotate', '--reseal')
  const second = await runWeinterrupt(env, 'keys', 'rotate', '--reseal')

  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toContain('readers: 250 sealed anew with key 5')
  expect(first.out).toContain('staff: 1 sealed')
  expect(second.out).toContain('readers: 0 sealed')
  const alone = ringOf(env.SECRET_KEYS.split(',')[0] ?? '')
  for (const row of await manager().find(Reader)) {
    const known = readers.find(reader => reader.id === row.id)
    expect(openReader(alone, row)).toEqual({ email: known?.email, name: known?.name })
    const { emailSealed, nameSealed, keyId, ...same } = row
    expect(before.get(row.id)).toMatchObject(same)
  }
  const [staff] = await manager().find(StaffUser)
  expect(staff && openStaff(alone, staff).email).toBe(admin.email)
  const totp = { data: staff?.totpSealed ?? Buffer.alloc(0), keyId: staff?.totpKeyId ?? 0 }
  expect(open(alone, totp, `staff.totp:${staff?.publicId}`)).toBe(factor?.secret)
  expect((await runWeinterrupt({ ...product.env, ...env }, 'keys', 'revoke', '1')).out).toContain(
    'Key 1 goes',
  )
  await runWeinterrupt(
    { ...env, SECRET_KEYS: `${product.env.SECRET_KEYS},${env.SECRET_KEYS.split(',')[0]}` },
    'keys',
    'rotate',
    '--reseal',
  )
  expect(await manager().countBy(Reader, { keyId: 1 })).toBe(250)
})

test('revoke refuses the current key, an unknown one and one that rows are sealed with', async () => {
  await register(product, await registerInput(product, ['topic:weekly']))
  const env = { ...product.env, SECRET_KEYS: `${newKey(5)},${product.env.SECRET_KEYS}` }

  const answers = []
  for (const id of ['5', '7', 'x', '1'])
    answers.push(await runWeinterrupt(env, 'keys', 'revoke', id, '--force'))

  expect(answers.map(({ code, out }) => [code, out])).toEqual(Array(4).fill([1, '']))
  expect(answers.map(({ err }) => err)).toEqual([
    expect.stringContaining('Key 5 is the current one'),
    expect.stringContaining('There is no key 7; the old ones are 1'),
    expect.stringContaining('There is no key x'),
    expect.stringContaining('only it opens 250 readers, 1 pending sign-ups, 1 staff, 1 second factors'),
  ])
})

test('revoke refuses the key of newsletters, says how many they are, and with --force takes it out', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'monthly')
  const { id } = await makeNewsletter(product, admin, topic.id)
  const file = join(folder, 'ring')
  const old = newKey(3)
  writeFileSync(file, `${product.env.SECRET_KEYS},${old}`)
  const { SECRET_KEYS, ...others } = product.env
  const revoke = (...more: string[]) =>
    runWeinterrupt({ ...others, SECRET_KEYS_FILE: file }, 'keys', 'revoke', '3', ...more)
  const going = 'UPDATE newsletter SET token_key_id = 3, finished_at = ? WHERE public_id = ?'

  await write(manager(), going, [null, id])
  const underWay = await revoke('--force')
  await write(manager(), going, [new Date(), id])
  const refused = await revoke()
  const unchanged = readFileSync(file, 'utf8')
  const forced = await revoke('--force')

  expect(underWay).toMatchObject({ code: 1, out: '' })
  expect(underWay.err).toContain('1 newsletters under way')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/unsubscribe links.* of 1 newsletters/)
  expect(unchanged).toContain(old)
  expect(forced).toMatchObject({ code: 0, err: '' })
  expect(forced.out).toMatch(/unsubscribe links.* of 1 newsletters/)
  expect(readFileSync(file, 'utf8').trim()).toBe(SECRET_KEYS)
  expect(await manager().findOneByOrFail(Newsletter, { publicId: id })).toMatchObject({ tokenKeyId: 1 })
})

test('no key, password or log-in token is stored in the database', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const stored = await everythingStored(product)

  const keys = [product.env.SECRET_KEYS?.slice(2), product.env.ADDRESS_KEY].map(key => key ?? '')
  const bytes = keys.map(key => Buffer.from(key, 'base64').toString('latin1'))
  const passwords = [product.env.DATABASE_URL, product.env.REDIS_URL].map(url => new URL(url ?? '').password)
  const found = [...keys, ...bytes, ...passwords, admin.password, admin.token].map(one => [
    one.length > 20,
    stored.includes(one),
  ])
  expect(found).toEqual(Array(8).fill([true, false]))
})

test('a backup opens with its passphrase alone, holds the keys and shows none of them', async () => {
  const file = join(folder, 'keys.backup')
  const made = await runWithInput(product.env, `${PASSPHRASE}\n`, 'keys', 'backup', file)
  const again = await runWithInput(product.env, PASSPHRASE, 'keys', 'backup', file)
  const restored = await runWithInput({}, PASSPHRASE, 'keys', 'restore', file)
  const wrong = await runWithInput({}, 'another long passphrase', 'keys', 'restore', file)
  const verified = await runWithInput(product.env, PASSPHRASE, 'keys', 'restore', file, '--verify')
  const later = { ...product.env, SECRET_KEYS: `${newKey(2)},${product.env.SECRET_KEYS}` }
  const stale = await runWithInput(later, PASSPHRASE, 'keys', 'restore', file, '--verify')

  expect(made).toMatchObject({ code: 0, err: '' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(again.err).toContain('exists already')
  expect(restored.out).toBe(
    `SECRET_KEYS=${product.env.SECRET_KEYS}\nADDRESS_KEY=${product.env.ADDRESS_KEY}\n`,
  )
  expect(wrong).toMatchObject({ code: 1, out: '' })
  expect(verified).toMatchObject({ code: 0, err: '' })
  expect(stale).toMatchObject({ code: 1, out: '' })
  const text = readFileSync(file, 'utf8')
  for (const key of [product.env.SECRET_KEYS?.slice(2), product.env.ADDRESS_KEY])
    expect(text).not.toContain(key)
  const damaged = join(folder, 'damaged')
  writeFileSync(
    damaged,
    text.replace(/("data": ".)(.)/, (_, before, one) => before + (one === 'A' ? 'B' : 'A')),
  )
  expect(await runWithInput({}, PASSPHRASE, 'keys', 'restore', damaged)).toMatchObject({ code: 1, out: '' })
})

test('a short passphrase, and none at all, are refused before anything is written', async () => {
  const file = join(folder, 'none')

  expect((await runWithInput(product.env, 'short', 'keys', 'backup', file)).err).toContain('at least 12')
  expect((await runWeinterrupt(product.env, 'keys', 'backup', file)).err).toContain('standard input')
  expect(() => statSync(file)).toThrow()
})
