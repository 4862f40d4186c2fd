import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { personalColumns, tablesAboutReaders } from '../src/entities/personal'
import { makeReader, makeStaff, makeTopic } from './support/actors'
import { runWeinterrupt } from './support/command'
import { type Product, startProduct } from './support/product'

/** The sub-check as `npm run check` runs it, with what somebody might add to the entities. */
function check(addition = 'none'): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [resolve('dist/cli/check-personal.js')], {
    env: {
      PATH: process.env.PATH,
      PLANTED_COLUMN: addition,
      NODE_OPTIONS: `--require ${resolve('test/support/planted-column.cjs')}`,
    },
    encoding: 'utf8',
  })
}

describe('npm run check', () => {
  test('finds every column declared', () => {
    expect(check()).toMatchObject({ status: 0, stderr: '' })
  })

  test.each([
    ['date reader birthday', 'reader.birthday is neither @Personal nor listed in not-personal.ts'],
    ['tinyint registration age', 'registration.age is neither @Personal nor listed in not-personal.ts'],
    ['varchar topic favouredBy', 'topic.favouredBy is neither @Personal nor listed in not-personal.ts'],
    ['int topic readerId', 'topic.readerId names a reader: say so with @AboutReader'],
    ['personal reader phone', 'messages.declared.de.ts has no translation of: telephone number'],
  ])('fails on a new column: %s', (addition, problem) => {
    const { status, stderr } = check(addition)

    expect(status).toBe(1)
    expect(stderr.split('\n')).toContain(problem)
  })
})

describe('what is declared', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct({ env: { SEND_LOG_DAYS: '77', SITE_NAME: 'A & B' } })
    await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly')
  })
  afterAll(() => product?.stop())

  const page = async (language: string): Promise<string> => {
    const response = await fetch(`${product.url}/privacy/retention?lang=${language}`)
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
    return response.text()
  }
  const escaped = (text: string) => text.replaceAll('&', '&amp;')

  test('stands on the public retention page: each kind, what for, and for how long', async () => {
    const html = await page('en')
    for (const { what } of personalColumns()) expect(html).toContain(`<h3>${escaped(what)}</h3>`)
    for (const { why } of personalColumns()) expect(html).toContain(`<dd>${escaped(why)}</dd>`)
    for (const words of [
      '72 hours, if it is not confirmed',
      '77 days after the newsletter is finished',
      'A &amp; B',
    ])
      expect(html).toContain(words)
  })

  test('stands there in German without a word of English', async () => {
    const html = await page('de')
    for (const { what, why } of personalColumns())
      for (const words of [what, why]) expect(html).not.toContain(`>${words}<`)
    expect(html).toContain('<h3>E-Mail-Adresse</h3>')
    expect(html).toContain('77 Tage nach dem Ende des Versands')
  })

  test('is linked from the privacy policy', async () => {
    const html = await (await fetch(`${product.url}/privacy`)).text()
    expect(html).toContain('<a href="/privacy/retention">What we keep, and for how long</a>')
  })

  test('makes the record of processing, which holds nothing of a person', async () => {
    const { email } = await makeReader(product, ['topic:weekly'], { name: 'Zaphod Canary' })
    const asJson = await runWeinterrupt(product.env, 'record', '--json')
    const { code, out } = await runWeinterrupt(product.env, 'record')
    const record = JSON.parse(asJson.out)
    const columns = record.personalData.flatMap((kind: { columns: string[] }) => kind.columns)

    expect([code, asJson.code]).toEqual([0, 0])
    expect(record.controller).toEqual({
      name: 'A & B',
      postalAddress: product.config.postalAddress,
      contact: product.config.siteContact,
      url: product.url,
    })
    expect(record.purposes.map((one: { key: string }) => one.key).sort()).toEqual([
      'personalisation',
      'topic:weekly',
    ])
    expect(columns).toHaveLength(personalColumns().length)
    expect(columns).toEqual(
      expect.arrayContaining(['reader.email_sealed', 'delivery.smtp_status', 'staff_user.name_sealed']),
    )
    expect(record.personalData).toContainEqual(
      expect.objectContaining({ kept: expect.any(String), period: 'P77D' }),
    )
    for (const heading of [
      'Controller',
      'Purposes',
      'Recipients',
      'Transfers to third countries',
      'measures',
    ])
      expect(out).toMatch(new RegExp(`^## .*${heading}`, 'm'))
    for (const text of [asJson.out, out])
      for (const value of [email, 'Zaphod']) expect(text).not.toContain(value)
  })

  test('finds the rows about a reader: each table says by which of the reader’s own values', () => {
    for (const { entity, column, by } of tablesAboutReaders()) {
      const names = product.connections.db.getMetadata(entity).columns.map(({ propertyName }) => propertyName)
      expect([entity.name, names]).toEqual([entity.name, expect.arrayContaining([column])])
      expect(['id', 'publicId', 'addressHash']).toContain(by)
    }
  })
})
