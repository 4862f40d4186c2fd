import { randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import { makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { dumpDatabase } from './support/dump'
import { draftBoth, nextVersion, PUBLISH, publish, publishNext, saveDraft } from './support/policies'
import { type Product, startProduct } from './support/product'

const DAY = 86_400_000

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(() => product?.stop())

const text = async (overrides: AnyData = {}): Promise<AnyData> => ({
  version: await nextVersion(product),
  locale: 'en',
  title: 'Privacy',
  markdown: '# Privacy\n\nWe keep *little*.',
  changeSummary: 'Less than before.',
  ...overrides,
})

const inForce = async (): Promise<string> => (await ok(product, '{ policy { version } }')).policy.version

/** None of the texts, and no act of staff is written down. */
async function expectNoChange(work: () => Promise<void>): Promise<void> {
  const tables = [
    'policy_draft',
    'policy_version',
    'purpose',
    'purpose_version',
    'topic',
    'audit_event',
    'site',
  ]
  const before = await dumpDatabase(product, ...tables)
  await work()
  expect(await dumpDatabase(product, ...tables)).toEqual(before)
}

/** Nothing of an earlier test is left to be published. */
const clearDrafts = () => product.connections.db.manager.query('DELETE FROM policy_draft')
beforeEach(clearDrafts)

describe('a draft', () => {
  test('is sanitised HTML with a hash, and nobody is shown it', async () => {
    const markdown = 'Hello <script>alert(1)</script> [go](javascript:alert(1)) **bold**'
    const { policy } = await saveDraft(product, admin, await text({ markdown }))

    expect(policy).toMatchObject({ locale: 'en', publishedAt: null, changeSummary: 'Less than before.' })
    expect(policy.html).toContain('<strong>bold</strong>')
    expect(policy.html).not.toMatch(/<script|href="javascript/)
    expect(policy.contentHash).toMatch(/^[0-9a-f]{64}$/)
    const { policy: shown } = await ok(product, 'query ($v: String) { policy(version: $v) { version } }', {
      v: policy.version,
    })
    expect(shown).toBeNull()
    expect((await fetch(`${product.url}/privacy/${policy.version}`)).status).toBe(404)
  })

  test('is changed under its id, and admins can go on writing it', async () => {
    const { policy } = await saveDraft(product, admin, await text())
    const changed = await saveDraft(product, admin, await text({ markdown: 'Other words.' }), policy.id)

    expect(changed.policy).toMatchObject({ id: policy.id, html: '<p>Other words.</p>\n' })
    const { policyDrafts } = await ok(
      product,
      '{ policyDrafts { id version locale title markdown changeSummary savedAt } }',
      {},
      { token: admin.token },
    )
    expect(policyDrafts).toMatchObject([{ id: policy.id, locale: 'en', markdown: 'Other words.' }])
  })

  test.each<[string, AnyData, AnyData]>([
    ['no title', { title: '  ' }, { code: 'REQUIRED', field: ['input', 'title'] }],
    ['no words', { markdown: '\n' }, { code: 'REQUIRED', field: ['input', 'markdown'] }],
    ['a title that is too long', { title: 'x'.repeat(201) }, { code: 'TOO_LONG', field: ['input', 'title'] }],
    [
      'words that are too long',
      { markdown: 'x'.repeat(100_001) },
      { code: 'TOO_LONG', field: ['input', 'markdown'] },
    ],
    [
      'a summary that is too long',
      { changeSummary: 'x'.repeat(2001) },
      { code: 'TOO_LONG', field: ['input', 'changeSummary'] },
    ],
    ['a locale the site has not', { locale: 'fr' }, { code: 'INVALID', field: ['input', 'locale'] }],
    ['the version in force', { version: '1' }, { code: 'INVALID', field: ['input', 'version'] }],
    ['a version further on', { version: '99' }, { code: 'INVALID', field: ['input', 'version'] }],
    ['no version', { version: '' }, { code: 'INVALID', field: ['input', 'version'] }],
  ])('with %s is refused and nothing changes', async (_what, change, error) => {
    const input = await text(change)
    await expectNoChange(async () => {
      expect((await saveDraft(product, admin, input)).userErrors).toMatchObject([error])
    })
  })

  test('there is one for each locale, foreign ids are not found, and only admins write', async () => {
    const input = await text()
    await saveDraft(product, admin, input)
    const author = await makeStaff(product, 'AUTHOR')
    await expectNoChange(async () => {
      expect((await saveDraft(product, admin, input)).userErrors).toMatchObject([
        { code: 'INVALID', field: ['input', 'locale'] },
      ])
      for (const id of [randomUUID(), 'x', ''.padEnd(500, 'a')])
        await expect(saveDraft(product, admin, input, id)).rejects.toThrow('NOT_FOUND')
      await expect(saveDraft(product, author, input)).rejects.toThrow('FORBIDDEN')
      const query =
        'mutation ($id: ID!) { policyPublish(id: $id, effectiveAt: "2026-01-01T00:00:00Z", requiresReconsent: true) { userErrors { code } } }'
      const answer = await graphql(product, query, { id: randomUUID() }, { token: author.token })
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    })
  })
})

describe('publishing', () => {
  test('makes every locale public for good, and is written down', async () => {
    const id = await draftBoth(product, admin, 'For good.')
    const { policy, userErrors } = await publish(product, admin, id)

    expect(userErrors).toEqual([])
    expect(policy).toMatchObject({ id, requiresReconsent: false })
    expect(await inForce()).toBe(policy.version)
    for (const locale of ['en', 'de']) {
      const page = await (await fetch(`${product.url}/privacy/${policy.version}?lang=${locale}`)).text()
      expect(page).toContain('For good.')
      expect(page).toContain(`News in ${locale}`)
    }
    const { auditEvents } = await ok(
      product,
      '{ auditEvents(first: 1) { nodes { action target } } }',
      {},
      { token: admin.token },
    )
    expect(auditEvents.nodes).toEqual([{ action: 'policy.publish', target: id }])
    await expectNoChange(async () => {
      expect((await publish(product, admin, id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: ['id'] },
      ])
      expect((await saveDraft(product, admin, await text(), id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: ['id'] },
      ])
    })
  })

  test('is refused by name for each locale of the site without a text', async () => {
    const { policy } = await saveDraft(product, admin, await text())
    await expectNoChange(async () => {
      expect((await publish(product, admin, policy.id)).userErrors).toMatchObject([
        { code: 'REQUIRED', field: ['id', 'de'], message: 'There is no text in the locale de yet.' },
      ])
    })
    await saveDraft(product, admin, await text({ locale: 'de' }))
    expect((await publish(product, admin, policy.id)).userErrors).toEqual([])
  })

  test('not as of the past, not far ahead, and not before the version before it', async () => {
    const first = await draftBoth(product, admin)
    await expectNoChange(async () => {
      for (const ms of [-2 * 60_000, -DAY, 367 * DAY])
        expect(
          (await publish(product, admin, first, { effectiveAt: new Date(Date.now() + ms) })).userErrors,
        ).toMatchObject([{ code: 'INVALID', field: ['effectiveAt'] }])
    })
    const before = await inForce()
    const announced = await publish(product, admin, first, { effectiveAt: new Date(Date.now() + 2 * DAY) })
    expect(announced.userErrors).toEqual([])
    expect(await inForce()).toBe(before)
    const page = await (await fetch(`${product.url}/privacy/${announced.policy.version}`)).text()
    expect(page).toContain('in force from')

    const second = await draftBoth(product, admin)
    await expectNoChange(async () => {
      expect(
        (await publish(product, admin, second, { effectiveAt: new Date(Date.now() + DAY) })).userErrors,
      ).toMatchObject([{ code: 'INVALID', field: ['effectiveAt'] }])
    })
    // Past the triggers, as if the two days were over.
    await turnBack(announced.policy.version)
    expect(await inForce()).toBe(announced.policy.version)
  })

  test('a moment a little in the past is now, by the clock of the database', async () => {
    const id = await draftBoth(product, admin)
    const { policy } = await publish(product, admin, id, { effectiveAt: new Date(Date.now() - 30_000) })

    expect(Math.abs(Date.parse(policy.publishedAt) - Date.parse(policy.effectiveAt))).toBeLessThan(5000)
    expect(await inForce()).toBe(policy.version)
  })

  test('ten at once publish once', async () => {
    const id = await draftBoth(product, admin)
    const answers = await Promise.all(Array.from({ length: 10 }, () => publish(product, admin, id)))

    expect(answers.filter(({ policy }) => policy)).toHaveLength(1)
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
      Array.from({ length: 9 }, () => expect.objectContaining({ code: 'INVALID_STATE' })),
    )
    const { policies } = await ok(product, '{ policies { nodes { version } } }')
    const versions = policies.nodes.map((node: AnyData) => node.version)
    expect(versions).toEqual([...new Set(versions)])
  })

  test('foreign ids are not found', async () => {
    await expectNoChange(async () => {
      for (const id of [randomUUID(), 'x'])
        await expect(publish(product, admin, id)).rejects.toThrow('NOT_FOUND')
      const answer = await graphql(
        product,
        PUBLISH,
        { id: 'x', effectiveAt: 'soon', requiresReconsent: true },
        { token: admin.token },
      )
      expect(answer).toMatchObject({ status: 400 })
    })
  })

  test('a published text cannot be changed, not even by the account that owns the tables', async () => {
    const owner = await mysql.createConnection(product.config.databaseMigrationUrl)
    for (const table of ['policy_version', 'purpose_version']) {
      await expect(owner.query(`UPDATE ${table} SET title = 'x'`)).rejects.toThrow('append-only')
      await expect(owner.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only')
    }
    await owner.end()
  })
})

test('all versions are listed, the newest first, page by page, and each can be read', async () => {
  await publishNext(product, admin)
  const query =
    'query ($after: String) { policies(first: 2, after: $after) { nodes { version locale } pageInfo { endCursor hasNextPage } } }'
  const seen: string[] = []
  let after: string | null = null
  for (let pages = 0; pages < 20; pages++) {
    const { policies }: AnyData = await ok(product, query, { after })
    seen.push(...policies.nodes.map((node: AnyData) => node.version))
    after = policies.pageInfo.endCursor
    if (!policies.pageInfo.hasNextPage) break
  }
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => String(seen.length - index)))
  const read = 'query ($v: String, $l: Locale) { policy(version: $v, locale: $l) { version locale } }'
  for (const version of seen)
    expect((await ok(product, read, { v: version, l: 'de' })).policy).toEqual({ version, locale: 'de' })
  for (const version of ['0', '01', '1.0', '-1', 'x', '9'.repeat(300), ''])
    expect((await ok(product, read, { v: version })).policy).toBeNull()
  for (const path of ['0', '01', '1e0', 'x', '%00', '9'.repeat(300)])
    expect((await fetch(`${product.url}/privacy/${path}`)).status).toBe(404)
})

describe('purposes', () => {
  const SAVE = `mutation ($input: PurposeInput!, $id: ID) { purposeSave(input: $input, id: $id) {
    purpose { id key kind title description version } userErrors { code field } } }`
  const save = async (input: AnyData, id?: string): Promise<AnyData> =>
    (await ok(product, SAVE.replace('', ''), { input, id }, { token: admin.token })).purposeSave
  const purpose = (overrides: AnyData = {}): AnyData => ({
    key: `cookies-${randomUUID().slice(0, 8)}`,
    kind: 'ANALYTICS_COOKIES',
    texts: [
      { locale: 'en', title: 'Counting visits', description: 'Counts pages, not people.' },
      { locale: 'de', title: 'Besuche zählen', description: 'Zählt Seiten, nicht Personen.' },
    ],
    ...overrides,
  })

  test.each(['PERSONALISATION', 'ANALYTICS_COOKIES', 'ADVERTISING_COOKIES', 'THIRD_PARTY_PROCESSING'])(
    'of the kind %s are saved, shown to visitors, and get a new version with new words only',
    async kind => {
      const input = purpose({ kind })
      const { purpose: first } = await save(input)
      expect(first).toMatchObject({ key: input.key, kind, title: 'Counting visits', version: 1 })

      expect((await save(input, first.id)).purpose.version).toBe(1)
      const texts = [{ ...input.texts[0], description: 'Counts less.' }, input.texts[1]]
      expect((await save({ ...input, texts }, first.id)).purpose).toMatchObject({ id: first.id, version: 2 })
      const { site } = await ok(product, '{ site { purposes { key version } } }')
      expect(site.purposes).toContainEqual({ key: input.key, version: 2 })
    },
  )

  test.each<[string, AnyData, string, string[]]>([
    ['a topic', { kind: 'NEWSLETTER_TOPIC' }, 'INVALID', ['input', 'kind']],
    ['a key that looks like one', { key: 'topic:mine' }, 'INVALID', ['input', 'key']],
    ['a key with other signs', { key: 'My Key' }, 'INVALID', ['input', 'key']],
    ['a long key', { key: 'k'.repeat(81) }, 'TOO_LONG', ['input', 'key']],
    ['no texts', { texts: [] }, 'REQUIRED', ['input', 'texts']],
    [
      'a locale the site has not',
      { texts: [{ locale: 'fr', title: 'a', description: 'b' }] },
      'INVALID',
      ['input', 'texts', '0', 'locale'],
    ],
    [
      'no title',
      { texts: [{ locale: 'en', title: ' ', description: 'b' }] },
      'REQUIRED',
      ['input', 'texts', '0', 'title'],
    ],
    [
      'long words',
      { texts: [{ locale: 'en', title: 'a', description: 'b'.repeat(2001) }] },
      'TOO_LONG',
      ['input', 'texts', '0', 'description'],
    ],
  ])('with %s are refused and nothing changes', async (_what, change, code, field) => {
    await expectNoChange(async () => {
      expect(await save(purpose(change))).toEqual({ purpose: null, userErrors: [{ code, field }] })
    })
  })

  test('key and kind stay, keys are unique also at once, topics are saved as topics, foreign ids are not found', async () => {
    const input = purpose()
    const { purpose: known } = await save(input)
    const topic = await makeTopic(product, admin, `t-${randomUUID().slice(0, 8)}`)
    const { site } = await ok(product, '{ site { purposes { id key } } }')
    const ofTopic = site.purposes.find((one: AnyData) => one.key === topic.purpose.key)
    await expectNoChange(async () => {
      const other = await save({ ...input, key: 'another' }, known.id)
      expect(other.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'key'] }])
      const kind = await save({ ...input, kind: 'ADVERTISING_COOKIES' }, known.id)
      expect(kind.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'kind'] }])
      expect((await save(input)).userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'key'] }])
      expect((await save(purpose(), ofTopic.id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: ['id'] },
      ])
      await expect(save(input, randomUUID())).rejects.toThrow('NOT_FOUND')
    })
    const fresh = purpose()
    const answers = await Promise.all(Array.from({ length: 5 }, () => save(fresh)))
    expect(answers.filter(one => one.purpose)).toHaveLength(1)
  })

  test('a topic for children cannot be made', async () => {
    const texts = [{ locale: 'en', name: 'Toys', description: 'Toys', cadence: 'weekly' }]
    const input = { slug: 'toys', maxIssues: 1, perDays: 7, texts, directedToChildren: true }
    const query =
      'mutation ($input: TopicInput!) { topicSave(input: $input) { topic { id } userErrors { code field } } }'
    await expectNoChange(async () => {
      expect((await ok(product, query, { input }, { token: admin.token })).topicSave).toEqual({
        topic: null,
        userErrors: [{ code: 'NOT_ELIGIBLE', field: ['input', 'directedToChildren'] }],
      })
    })
  })
})

/** A published version is in force from a minute ago: its text stays as it was. */
async function turnBack(version: string): Promise<void> {
  const owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  await owner.query('DROP TRIGGER policy_version_no_update')
  await owner.query(
    'UPDATE policy_version SET effective_at = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE WHERE number = ?',
    [version],
  )
  await owner.query(`CREATE TRIGGER policy_version_no_update BEFORE UPDATE ON policy_version FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'published texts are append-only'`)
  await owner.end()
}
