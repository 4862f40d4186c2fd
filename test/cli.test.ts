import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashOf } from '../src/consent/ledger'
import { ConsentEvent } from '../src/entities/consent-event'
import { fetchNewsletter, MJML, makeNewsletter, makeReader, makeStaff, makeTopic } from './support/actors'
import { ok } from './support/api'
import { type Outcome, runWithInput } from './support/command'
import { type Product, startProduct, sweeps } from './support/product'

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-cli-'))
let product: Product

beforeAll(async () => {
  product = await startProduct()
})

afterAll(async () => {
  await product.stop()
  rmSync(folder, { recursive: true, force: true })
})

const run = (
  args: readonly string[],
  { input, env = product.env }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> => runWithInput(env, input, ...args)

const staffArgs = (email: string, ...more: string[]) =>
  ['staff', 'create', '--email', email, '--name', 'Ada Lovelace', '--role', 'publisher', ...more] as const

async function canLogIn(email: string, password: string): Promise<boolean> {
  const { staffLogin } = await ok(
    product,
    'mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { tokens { accessToken } userErrors { code } } }',
    { input: { email, password, transport: 'BEARER' } },
    { staff: true },
  )
  return staffLogin.tokens !== null
}

test('staff create prints a random password once and refuses a second account for the address', async () => {
  const first = await run(staffArgs('ada@site.example'))
  const second = await run(staffArgs('ADA@site.example'))

  const password = /Password .*: (\S{24})/.exec(first.out)?.[1] ?? ''
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(await canLogIn('ada@site.example', password)).toBe(true)
  expect(second).toMatchObject({ code: 1, out: '' })
  expect(second.err).toBe('ADA@site.example is already the address of a staff member.\n')
})

test('staff create takes the password from a pipe and does not repeat it', async () => {
  const created = await run(staffArgs('pipe@site.example', '--json'), {
    input: 'a sentence to remember\nnot this\n',
  })

  expect(created.code).toBe(0)
  expect(JSON.parse(created.out)).toEqual({
    id: expect.any(String),
    email: 'pipe@site.example',
    name: 'Ada Lovelace',
    role: 'PUBLISHER',
  })
  expect(await canLogIn('pipe@site.example', 'a sentence to remember')).toBe(true)
})

test.each([
  ['a short password', staffArgs('short@site.example'), 'short\n', /at least 12 characters/],
  ['an empty pipe line', staffArgs('empty@site.example'), '\n', /at least 12 characters/],
  ['an address that is none', staffArgs('"x@site.example x"@internal.example'), undefined, /not an address/],
  [
    'an unknown role',
    ['staff', 'create', '--email', 'r@site.example', '--name', 'R', '--role', 'owner'],
    undefined,
    /AUTHOR, PUBLISHER, ADMIN/,
  ],
  [
    'a name with a line break',
    ['staff', 'create', '--email', 'n@site.example', '--name', 'A\nB', '--role', 'admin'],
    undefined,
    /one line/,
  ],
])('staff create refuses %s', async (_what, args, input, words) => {
  const refused = await run(args, { input })

  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(words)
})

test('stop and start are told by status', async () => {
  const stopped = await run(['stop', '--reason', 'wrong price in the headline'])
  const again = await run(['stop', '--reason', 'another reason'])
  const during = JSON.parse((await run(['status', '--json'])).out)
  const started = await run(['start', '--reason', 'price corrected'])
  const after = await run(['status'])

  expect(stopped).toMatchObject({ code: 0, err: '' })
  expect(stopped.out).toMatch(/^Stopped at .*\nNo message was past its gate\.\n$/)
  expect(again.out).toMatch(/^Already stopped since .*: wrong price in the headline\n/)
  expect(during).toMatchObject({ stopped: true, stopReason: 'wrong price in the headline', newsletters: [] })
  expect(started).toMatchObject({ code: 0, out: 'Started again: price corrected\n' })
  expect(after).toMatchObject({ code: 0, out: 'We Interrupt sends.\nNo newsletter is under way.\n' })
})

test('what is stopped stays unsent, status counts it, and start lets it go once', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'stopped')
  await run(['seed', '--readers', '30', '--topic', 'stopped'])
  const { topic } = await ok(product, '{ topic(slug: "stopped") { id } }')
  const newsletter = await makeNewsletter(product, admin, topic.id)
  // Started, with nowhere to send to yet.
  product.sink.fail('421-banner')
  await ok(
    product,
    `mutation ($id: ID!, $input: ScheduleInput!) { newsletterSchedule(id: $id, input: $input) { userErrors { code } } }`,
    {
      id: newsletter.id,
      input: {
        version: newsletter.version,
        timeZone: 'UTC',
        confirmedRecipients: 30,
        checklistHash: newsletter.checklist.contentHash,
        idempotencyKey: 'cli-stop-and-start',
      },
    },
    { token: admin.token },
  )
  const status = async () => JSON.parse((await run(['status', '--json'])).out).newsletters
  await until(async () => (await status())[0]?.total === 30)
  await run(['stop', '--reason', 'a trial'])
  product.sink.fail()
  await sweeps(2)

  expect(await status()).toMatchObject([{ id: newsletter.id, status: 'SENDING', queued: 30, sent: 0 }])
  const started = await run(['start', '--reason', 'the trial is over'])
  await until(async () => (await fetchNewsletter(product, admin, newsletter.id)).status === 'SENT')

  expect(started.out).toBe('Started again: the trial is over\n1 newsletter goes on.\n')
  expect(await status()).toEqual([])
  const { progress } = await fetchNewsletter(product, admin, newsletter.id)
  expect(progress).toMatchObject({ total: 30, sent: 30, queued: 0 })
})

test('seed makes confirmed readers with unbroken consent chains on many domains', async () => {
  const seeded = await run(['seed', '--readers', '1200', '--topic', 'chains'])

  expect(seeded).toMatchObject({ code: 0, err: '' })
  expect(seeded.out).toMatch(/^Made 1200 readers of topic chains in /)
  const { db } = product.connections
  const [topic] = await db.query("SELECT purpose_id AS purposeId FROM topic WHERE slug = 'chains'")
  const [counts] = await db.query(
    `SELECT COUNT(*) AS readers, COUNT(DISTINCT r.domain) AS domains FROM consent c JOIN reader r ON r.id = c.reader_id
     WHERE c.purpose_id = ? AND c.state = 'ConsentGiven' AND c.given_at = r.confirmed_at AND c.expires_at > NOW()`,
    [topic.purposeId],
  )
  expect(Number(counts.readers)).toBe(1200)
  expect(Number(counts.domains)).toBeGreaterThanOrEqual(50)
  const events = await db.manager.find(ConsentEvent, {
    where: { purposeId: topic.purposeId },
    order: { principal: 'ASC', position: 'ASC' },
  })
  expect(events).toHaveLength(2400)
  expect(events.filter(event => !hashOf(event).equals(event.hash))).toEqual([])
  expect(events.map(event => event.toState).slice(0, 2)).toEqual(['ConsentRequested', 'ConsentGiven'])
  expect(events[1]?.previousHash).toEqual(events[0]?.hash)
})

test('seed refuses when real readers exist', async () => {
  const admin = await makeStaff(product, 'ADMIN')
  const topic = await makeTopic(product, admin, 'real')
  await makeReader(product, [topic.purpose.key], { email: 'somebody@myexample.org' })

  const refused = await run(['seed', '--readers', '5', '--topic', 'real'])

  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/1 real reader /)
})

test.each(['0', '-1', '1.5', 'many'])('seed refuses %s as a number of readers', async count => {
  const refused = await run(['seed', `--readers=${count}`])

  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/whole number/)
})

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('render needs no configuration, no database and no server', async () => {
  const path = file('good.mjml', MJML)

  const html = await run(['render', path, '--locale', 'de'], { env: {} })
  const text = await run(['render', path, '--text'], { env: {} })

  expect(html).toMatchObject({ code: 0, err: '' })
  expect(html.out).toMatch(/<html[^>]* lang="de"/)
  expect(html.out).toContain('{{unsubscribe_url}}')
  expect(text.out).toContain('Hello {{name|reader}}, this is {{topic}}')
  expect(text.out).not.toContain('<')
})

test('render names the line of an MJML mistake and exits 1', async () => {
  const path = file(
    'bad.mjml',
    MJML.replace('<mj-button', '<mj-buton').replace('</mj-button>', '</mj-buton>'),
  )

  const rendered = await run(['render', path], { env: {} })

  expect(rendered).toMatchObject({ code: 1, out: '' })
  expect(rendered.err).toContain(`${path}:3: error: `)
  expect(rendered.err).toContain('mj-buton')
})

test('render names the line of a merge tag nobody knows and exits 1', async () => {
  const path = file('tag.mjml', MJML.replace('{{name|reader}}', '{{first_name|reader}}'))

  const rendered = await run(['render', path], { env: {} })

  expect(rendered).toEqual({ code: 1, out: '', err: `${path}:2: error: {{first_name}} is not a merge tag\n` })
})

test('schema print needs no configuration, and the staff schema is the larger one', async () => {
  const open = await run(['schema', 'print', '--public'], { env: {} })
  const staff = await run(['schema', 'print', '--staff'], { env: {} })

  expect([open.code, staff.code]).toEqual([0, 0])
  expect(open.out).toContain('readerRegister(')
  expect(open.out).not.toContain('newsletterSchedule(')
  expect(staff.out).toContain('newsletterSchedule(')
})

test('the demo is refused where database, Redis and SMTP are given', async () => {
  const refused = await run(['demo'])

  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/only in local mode/)
})

test('migrate says what it did and can be repeated', async () => {
  const again = await run(['migrate'])

  expect(again).toEqual({ code: 0, out: 'The database is up to date.\n', err: '' })
})

test('a command without configuration names every missing variable and exits 1', async () => {
  const refused = await run(['status'], {
    env: { DATABASE_URL: 'mysql://nobody@127.0.0.1:1/none', REDIS_URL: 'nonsense' },
  })

  expect(refused).toMatchObject({ code: 1, out: '' })
  for (const name of ['REDIS_URL', 'SMTP_URL', 'SECRET_KEYS', 'POSTAL_ADDRESS'])
    expect(refused.err).toContain(name)
})

test('a database that is away is said in plain words', async () => {
  const refused = await run(['status'], {
    env: { ...product.env, DATABASE_URL: 'mysql://nobody@127.0.0.1:1/none' },
  })

  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).not.toContain('    at ')
  expect(refused.err).toMatch(/Nothing answers at the database/)
})

test('stop works while Redis is away', async () => {
  const env = { ...product.env, REDIS_URL: 'redis://127.0.0.1:1' }

  const stopped = await run(['stop', '--reason', 'Redis is away'], { env })
  const started = await run(['start', '--reason', 'it still is'], { env })

  expect([stopped.code, started.code]).toEqual([0, 0])
  expect(started.out).toContain('Started again: it still is')
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return
    await new Promise(resume => setTimeout(resume, 200))
  }
  throw new Error('It did not happen within 20 s')
}
