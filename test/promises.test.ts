import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import mysql from 'mysql2/promise'
import { findPromises, inWords } from '../src/privacy/promises/all'
import {
  MJML,
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { newsletterOf, untilStatus } from './support/checker'
import { runWeinterrupt } from './support/command'
import { listLink, say } from './support/directory'
import { releaseTo } from './support/lawful'
import { minutesAgo, plantRow } from './support/plant-row'
import { makeProcessor, makeProcessorKey, makeThirdPartyPurpose, records } from './support/processing'
import { type Product, startProduct } from './support/product'
import { readerOf } from './support/rows'
import { visit } from './support/visiting'

const ALL = Array.from({ length: 14 }, (_, index) => `P${index + 1}`)

/** A link to another site in the mail: once in its HTML, once in its text. */
const OFF_SITE = MJML.replace('site.example/story', 'shop.example/story')

const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)

let product: Product
let admin: Staff
let newsletterId: number
let owner: mysql.Connection

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const stopWorker = product.startWorker()
  admin = await makeStaff(product, 'ADMIN')
  owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  const topic = await makeTopic(product, admin, 'weekly')
  const purpose = await makeThirdPartyPurpose(product, admin, 'letters')
  const ada = await makeReader(product, ['topic:weekly', 'personalisation'], { name: 'Ada' })
  await makeReaders(product, 3, { purposes: ['topic:weekly', 'personalisation', 'letters'] })
  const { id } = await makeNewsletter(product, admin, topic.id, { mjml: OFF_SITE })
  await scheduleNow(product, admin, id)
  await untilStatus(product, id, 'SENT')
  newsletterId = (await newsletterOf(product, id)).id
  for (const [label, people] of [
    ['/', 17],
    ['/rare', 3],
  ])
    await plantRow(product, 'stat_cell', { day: yesterday, metric: 'PAGE_VIEW', label, people })
  const processor = await makeProcessor(product, admin, [purpose], {
    name: 'Letter shop',
    privacyPolicyUrl: 'https://letters.example/privacy',
  })
  const passed = await records(product, await makeProcessorKey(product, admin, processor), 'letters')
  expect(passed.data.processorRecords.nodes).toHaveLength(3)
  const second = await makeStaff(product, 'ADMIN')
  const link = await listLink(product, [admin, second])
  await say(product, link.id, { comment: 'Good.' })
  await releaseTo(product, [admin, second], (await readerOf(product, ada.email)).publicId)
  // It would put right what is broken on purpose.
  await stopWorker()
})
afterAll(async () => {
  await owner?.end()
  await product?.stop()
})

async function look(change: { origin?: string; smtpUrl?: string; minimumAge?: number } = {}) {
  const { db } = product.connections
  const { origin = product.url, smtpUrl, minimumAge = product.config.minimumAge } = change
  const smtpServers = smtpUrl ? [{ url: smtpUrl, weight: 1 }] : product.config.smtpServers
  const shown = inWords(
    'en',
    await findPromises({ db, config: { ...product.config, smtpServers, minimumAge }, origin }),
  )
  return Object.fromEntries(shown.map(one => [one.id as string, one]))
}

test('each promise holds, with what was found', async () => {
  const found = await look()
  expect(
    Object.values(found)
      .filter(({ holds }) => holds)
      .map(({ id }) => id),
  ).toEqual(ALL)
  expect(found.P1?.evidence).toContain('4 newsletter mails looked at')
  expect(found.P2?.evidence).toMatch(/^\d{3,} personal columns of \d\d tables.* 4 readers, 1 of whom/)
  expect(found.P3?.evidence).toContain('7 pages opened as a stranger')
  expect(found.P4?.evidence).toContain('4 cookies')
  expect(found.P5?.evidence).toContain('4 readers said yes')
  expect(found.P6?.evidence).toContain('1 counters may be told, with 15 people in them, by fives')
  expect(found.P11?.evidence).toContain('1 figures can be read by anybody')
  expect(found.P7?.evidence).toContain('1 third parties in the registry, 1 at work; 1 pages')
  expect(found.P8?.evidence).toContain('1 pages with 3 entries')
  expect(found.P9?.evidence).toContain('1 agreements on record')
  expect(found.P10?.evidence).toContain(
    '1 requests of authorities on record, 1 approved by a second person; 1 released',
  )
  expect(found.P12?.evidence).toBe(
    '1 links in the directory, not looked at by the software; 1 times somebody said something about one. 2 links to other sites in 1 mail texts that went out and 2 on our pages, every one marked.',
  )
  expect(found.P13?.evidence).toMatch(/^\d+ confirmed sign-ups looked at/)
  expect(found.P14?.evidence).toMatch(/^1 versions, unchanged; \d+ consent events/)
})

describe('broken on purpose, it is reported, and only it:', () => {
  const run = (sql: string, parameters: unknown[] = []): Promise<unknown> => owner.query(sql, parameters)

  const site = async (
    answer: (path: string) => { headers?: Record<string, string>; body: string } | undefined,
  ) => {
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      const own = answer(path)
      void visit(product, path).then(real => {
        const status = real.status === 303 ? 200 : real.status
        response.writeHead(status, own?.headers ?? {}).end(own?.body ?? real.html)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  async function expectBroken(
    id: string,
    evidence: string,
    change?: Parameters<typeof look>[0],
  ): Promise<void> {
    const found = await look(change)
    expect(found[id]).toMatchObject({ holds: false, evidence: expect.stringContaining(evidence) })
    const others = Object.values(found).filter(({ holds }) => !holds)
    expect(others.map(one => one.id)).toEqual([id])
  }

  test('P1, by a mail nobody had asked for', async () => {
    const id = (await makeReaders(product, 1, { purposes: ['personalisation'] }))[0]?.id
    await plantRow(product, 'delivery', { newsletter_id: newsletterId, reader_id: id, status: 'sent' })
    await expectBroken('P1', '1 mails went without a yes that stood.')
    await run('DELETE FROM delivery WHERE reader_id = ?', [id])
  })

  test('P1, by a mail to a blocked address', async () => {
    await run(
      `INSERT INTO suppression (public_id, address_hash, reason, created_at)
       SELECT UUID(), address_hash, 'COMPLAINT', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR FROM reader ORDER BY id LIMIT 1`,
    )
    await expectBroken('P1', '1 mails went to blocked addresses.')
    await run('DELETE FROM suppression')
  })

  test('P1 is kept by who takes the yes back after the mail went', async () => {
    const id = (await makeReaders(product, 1)).map(one => one.publicId)[0]
    await ok(
      product,
      'mutation ($id: ID!) { readerObject(id: $id, reason: "asked") { userErrors { code } } }',
      { id },
      { token: admin.token },
    )
    expect((await look()).P1).toMatchObject({ holds: true })
  })

  test('P2, by a column nobody announced', async () => {
    await run('ALTER TABLE reader ADD COLUMN phone varchar(20) NULL')
    await expectBroken('P2', 'Not declared: reader.phone.')
    await run('ALTER TABLE reader DROP COLUMN phone')
  })

  test('P5, by a yes that no event proves', async () => {
    const id = (await makeReaders(product, 1))[0]?.id
    await run(
      `INSERT INTO consent SELECT p.id, ?, c.state, c.purpose_version_id, c.policy_version_id, c.policy_number, c.changed_at,
         c.given_at, c.ended_at, c.expires_at, c.frequency, c.paused_until
       FROM purpose p JOIN consent c WHERE p.kind = 'PERSONALISATION' AND c.state = 'ConsentGiven' LIMIT 1`,
      [id],
    )
    await expectBroken('P5', '1 have no event that proves it.')
    await run(
      "DELETE FROM consent WHERE reader_id = ? AND purpose_id IN (SELECT id FROM purpose WHERE kind = 'PERSONALISATION')",
      [id],
    )
  })

  test('P6, by a counter for somebody', async () => {
    await plantRow(product, 'stat_cell', {
      day: yesterday,
      metric: 'PAGE_VIEW',
      label: '/u/a@b.example',
      people: 1,
    })
    await expectBroken('P6', '1 counters are named after somebody.')
    await run("DELETE FROM stat_cell WHERE label LIKE '%@%'")
  })

  test('P6, by a counter that knows more than a count', async () => {
    await run('ALTER TABLE stat_cell ADD COLUMN visitor varchar(20) NULL')
    const found = await look()
    expect(found.P6).toMatchObject({
      holds: false,
      evidence: expect.stringContaining('more than counts: visitor.'),
    })
    await run('ALTER TABLE stat_cell DROP COLUMN visitor')
  })

  test('P7, by what was passed for a purpose that is none', async () => {
    await run('UPDATE disclosure SET purpose_id = purpose_id + 1000')
    await run('UPDATE disclosed_reader SET purpose_id = purpose_id + 1000')
    const found = await look()
    expect(found.P7).toMatchObject({
      holds: false,
      evidence: expect.stringMatching(/^1 pages were passed for a purpose/),
    })
    await run('UPDATE disclosure SET purpose_id = purpose_id - 1000')
    await run('UPDATE disclosed_reader SET purpose_id = purpose_id - 1000')
  })

  test('P8, by somebody who was passed on and not written down', async () => {
    await run('UPDATE disclosure SET record_count = record_count + 1')
    await expectBroken('P8', '1 passings are not written down whole.')
    await run('UPDATE disclosure SET record_count = record_count - 1')
  })

  test('P8, by somebody who was passed on without a yes', async () => {
    await run('UPDATE disclosed_reader SET reader_id = (SELECT MIN(id) FROM reader) LIMIT 1')
    await expectBroken('P8', '1 readers were passed on without a yes that stood.')
    await run(
      `UPDATE disclosed_reader SET reader_id = (SELECT MAX(c.reader_id) FROM consent c JOIN purpose p ON p.id = c.purpose_id
         WHERE p.\`key\` = 'letters' AND c.reader_id NOT IN (SELECT reader_id FROM (SELECT reader_id FROM disclosed_reader) x))
       WHERE reader_id = (SELECT MIN(id) FROM reader)`,
    )
  })

  test('P9, by a processor whose agreement has run out while it is at work', async () => {
    await run('UPDATE agreement SET expires_at = UTC_DATE() - INTERVAL 1 DAY')
    await expectBroken('P9', 'At work without an agreement: Letter shop.')
    await run('UPDATE agreement SET expires_at = NULL')
  })

  test('P9, by a mail server whose owner has signed nothing', async () => {
    await expectBroken('P9', 'mail server: relay.example.', { smtpUrl: 'smtp://relay.example' })
  })

  describe('P10, by a release', () => {
    const release = {
      ...{ reader_id: 1, authority: 'A court', basis: 'A law', file_number: '1' },
      ...{ requested_by_id: 1, approved_by_id: 2, handed_out_by_id: 2 },
      ...{ requested_at: minutesAgo(10), approved_at: minutesAgo(5), handed_out_at: minutesAgo(1) },
      ...{ extract_hash: Buffer.alloc(32), told_at: minutesAgo(1) },
    }
    const steps = ['lawful.record', 'lawful.approve', 'lawful.hand-out']
    const old = (minutes: number) => ({
      ...{ requested_at: minutesAgo(minutes + 9), approved_at: minutesAgo(minutes + 5) },
      handed_out_at: minutesAgo(minutes),
    })

    test.each<[string, Record<string, unknown>, readonly string[], string]>([
      [
        'nobody approved',
        { approved_by_id: null, approved_at: null },
        steps,
        '1 were released without the yes',
      ],
      ['who asked approved at once', { approved_by_id: 1 }, steps, '1 were released without the yes'],
      ['approved when it was out', { approved_at: minutesAgo(0) }, steps, '1 were released without the yes'],
      ['without a legal basis', { basis: ' ' }, steps, '1 requests name no authority, basis or reference.'],
      [
        'that nobody asked for',
        { authority: '' },
        steps,
        '1 requests name no authority, basis or reference.',
      ],
      ['that is not in the audit log', {}, [], '3 steps of a release are not in the audit log.'],
      [
        'whose approval is not in it',
        {},
        [steps[0] ?? '', steps[2] ?? ''],
        '1 steps of a release are not in',
      ],
      [
        'of somebody nobody knows',
        { reader_id: 999_999 },
        steps,
        '1 releases are not the extract of one reader.',
      ],
      [
        'of a file nobody knows',
        { extract_hash: null },
        steps,
        '1 releases are not the extract of one reader.',
      ],
      ['the reader was not told of', { ...old(1500), told_at: null }, steps, '1 readers were not told'],
    ])('%s', async (_, change, audited, evidence) => {
      const public_id = randomUUID()
      await plantRow(product, 'lawful_disclosure', { public_id, ...release, ...change })
      for (const action of audited) await plantRow(product, 'audit_event', { action, target: public_id })
      await expectBroken('P10', evidence)
      await run('DELETE FROM lawful_disclosure WHERE public_id = ?', [public_id])
    })

    test('and it is kept where the only admin waited a day, and where the reader must not be told yet', async () => {
      for (const change of [
        { ...old(10), approved_by_id: 1, requested_at: minutesAgo(1456) },
        { ...old(1500), told_at: null, tell_not_before: minutesAgo(-60), silence_reason: 'Ordered' },
      ]) {
        const public_id = randomUUID()
        await plantRow(product, 'lawful_disclosure', { public_id, ...release, ...change })
        for (const action of steps) await plantRow(product, 'audit_event', { action, target: public_id })
      }
      expect((await look()).P10).toMatchObject({
        holds: true,
        evidence: expect.stringContaining('3 released, each the extract of one reader'),
      })
      await run('DELETE FROM lawful_disclosure WHERE authority = ?', [release.authority])
    })
  })

  describe('P12, by', () => {
    const original: Record<'html' | 'text', string> = { html: '', text: '' }
    beforeAll(async () => {
      const [[row]] = (await owner.query('SELECT html, text FROM newsletter_rendition')) as AnyData
      Object.assign(original, row)
    })
    afterEach(() => run('UPDATE newsletter_rendition SET html = ?, text = ?', [original.html, original.text]))
    const send = ({ html = original.html, text = original.text }) =>
      run('UPDATE newsletter_rendition SET html = ?, text = ?', [html, text])

    test.each<[string, (mail: typeof original) => Partial<typeof original>]>([
      [
        'a link in a mail that does not say where it leads',
        ({ html }) => ({ html: html.replace('(external: shop.example)', '') }),
      ],
      [
        'one that says something else',
        ({ html }) => ({ html: html.replace('external: shop', 'external: site') }),
      ],
      [
        'an address in the text of a mail',
        ({ text }) => ({ text: text.replace(' (external: shop.example)', '') }),
      ],
    ])('%s', async (_, change) => {
      await send(change(original))
      await expectBroken('P12', 'Links to other sites that do not say so: shop.example.')
    })

    test('one more that was slipped into a mail', async () => {
      await send({
        html: original.html.replace('</body>', '<a href="https:&#47;&#47;evil.example">us</a></body>'),
      })
      await expectBroken('P12', 'Links to other sites that do not say so: evil.example.')
    })

    test('one in a policy that is shown as it is', async () => {
      const { server, origin } = await site(path =>
        path === '/privacy' ? { body: '<a href="https://evil.example/">us</a>' } : undefined,
      )
      const found = await look({ origin })
      server.close()
      expect(found.P12).toMatchObject({ holds: false, evidence: expect.stringContaining('evil.example') })
    })

    test('a directory that does not answer', async () => {
      const found = await look({ origin: 'http://127.0.0.1:1' })
      expect(found.P12).toMatchObject({
        holds: false,
        evidence: expect.stringContaining('Could not be opened: /links, /privacy, /processors.'),
      })
    })

    test('a link in it that nobody reviewed', async () => {
      await run('UPDATE directory_link SET reviewed_by_id = proposed_by_id')
      await expectBroken('P12', '1 links are in the directory although no second person looked at them.')
      await run('UPDATE directory_link SET reviewed_by_id = proposed_by_id + 1')
    })
  })

  test('P13, by a place for an age', async () => {
    await run('ALTER TABLE reader ADD COLUMN birth_year smallint NULL')
    const found = await look()
    expect(found.P13).toMatchObject({
      holds: false,
      evidence: expect.stringContaining('There is a place for an age: reader.birth_year.'),
    })
    await run('ALTER TABLE reader DROP COLUMN birth_year')
  })

  test('P13, by a lower age', async () => {
    await expectBroken('P13', 'The age limit is 12.', { minimumAge: 12 })
  })

  test('P13, by a sign-up without an age check', async () => {
    const [[last]] = (await owner.query(
      "SELECT * FROM consent_event WHERE surface = 'CONFIRM_PAGE' ORDER BY id DESC LIMIT 1",
    )) as AnyData
    const { id: _, ...event } = last
    await run('INSERT INTO consent_event SET ?', [
      { ...event, public_id: mysql.raw('UUID()'), principal: mysql.raw('UUID()'), evidence: '{}' },
    ])
    await expectBroken('P13', '1 confirmed sign-ups without an age check.')
    await run('DROP TRIGGER consent_event_no_delete')
    await run("DELETE FROM consent_event WHERE evidence = '{}'")
  })

  test('P14, by a policy that was changed after it was published', async () => {
    await run('DROP TRIGGER policy_version_no_update')
    await run("UPDATE policy_version SET html = CONCAT(html, 'x') WHERE locale = 'de'")
    await expectBroken('P14', 'Changed after it was published: version 1 (de).')
    await run("UPDATE policy_version SET html = SUBSTR(html, 1, CHAR_LENGTH(html) - 1) WHERE locale = 'de'")
  })

  describe('P3, P4 and P11, by a site that', () => {
    test.each<[string, string, Parameters<typeof site>[0], string, string[]]>([
      [
        'sets a cookie at once',
        'P3',
        path => (path === '/subscribe' ? { headers: { 'set-cookie': 'tracker=1' }, body: '' } : undefined),
        'Set on a first visit: tracker.',
        ['P3', 'P4'],
      ],
      [
        'loads something from elsewhere',
        'P3',
        path => (path === '/p' ? { body: '<img alt="" src="https://pixel.example/1.gif">' } : undefined),
        'Loaded from elsewhere: pixel.example.',
        ['P3'],
      ],
      [
        'keeps a cookie from its list',
        'P4',
        path =>
          path === '/cookies' ? { body: '<code>ag</code><code>weinterrupt-reader</code>' } : undefined,
        'Not on the published list: weinterrupt-choice, weinterrupt-staff.',
        ['P4'],
      ],
      [
        'does not honour the browser’s signal',
        'P4',
        path => (path === '/.well-known/gpc.json' ? { body: '{"gpc":false}' } : undefined),
        'The site does not say that it honours the signal.',
        ['P4'],
      ],
      [
        'tells a figure that is too small',
        'P11',
        path =>
          path === '/statistics' ? { body: '<dd class="count">7</dd><dd class="count">10</dd>' } : undefined,
        'although it is too small: 7.',
        ['P11'],
      ],
    ])('%s', async (_, id, answer, evidence, broken) => {
      const { server, origin } = await site(answer)
      const found = await look({ origin })
      server.close()
      expect(found[id]).toMatchObject({ holds: false, evidence: expect.stringContaining(evidence) })
      const all = Object.values(found).filter(one => !one.holds)
      expect(all.map(one => one.id)).toEqual(broken)
    })

    test('does not answer', async () => {
      const found = await look({ origin: 'http://127.0.0.1:1' })
      expect([found.P3?.holds, found.P4?.holds]).toEqual([false, false])
      expect(found.P3?.evidence).toContain('Could not be opened: /, /subscribe')
    })
  })

  test('and afterwards all holds again', async () => {
    const found = await look()
    expect(
      Object.values(found)
        .filter(({ holds }) => holds)
        .map(({ id }) => id),
    ).toEqual(ALL)
  })
})

describe('is shown', () => {
  test('by the command line, which fails while one does not hold', async () => {
    const { code, out } = await runWeinterrupt(product.env, 'promises', '--json')
    const promises: AnyData[] = JSON.parse(out)
    expect(promises.map(({ id }) => id)).toEqual(ALL)
    for (const one of promises)
      expect(one).toEqual({
        id: one.id,
        text: expect.stringMatching(/\.$/),
        enforcedBy: expect.stringMatching(/\.$/),
        evidence: expect.stringMatching(/\.$/),
        holds: true,
      })
    expect(code).toBe(0)
    await plantRow(product, 'stat_cell', {
      day: yesterday,
      metric: 'PAGE_VIEW',
      label: '/u/a@b.example',
      people: 1,
    })
    const broken = await runWeinterrupt(product.env, 'promises')
    expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('13 of 14 hold.')])
    expect(broken.out).toContain('✗ DOES NOT HOLD P6')
    await owner.query("DELETE FROM stat_cell WHERE label LIKE '%@%'")
  })

  test('by the API and the page, to everybody, in English and German', async () => {
    const { promises } = await ok(product, '{ promises { id text enforcedBy evidence holds } }')
    expect(promises.filter(({ holds }: AnyData) => holds).map(({ id }: AnyData) => id)).toEqual(ALL)
    for (const [lang, words] of [
      ['en', 'Zero tolerance for spam.'],
      ['de', 'Keinerlei Spam.'],
    ] as const) {
      const { status, html } = await visit(product, `/promises?lang=${lang}`)
      expect([status, html.match(/<section class="kept"/g)?.length]).toEqual([200, 14])
      expect(html).toContain(words)
    }
  })
})
