import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { loadConfig } from '../src/config'
import { ageCheck } from '../src/consent/age-gate'
import { makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { everythingStored } from './support/dump'
import { canary, keepOutput } from './support/leaks'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

// Somebody of twelve, and everything they send along.
const YEAR = String(new Date().getUTCFullYear() - 12)
const MONTH = '07'
const CANARY = 'canary-child-4711'
const EMAIL = `${CANARY}@example.org`

let product: Product
let admin: Staff
let api: { url: string; log(): string; stop(): Promise<void> }

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
  api = await startLoggedApi(product)
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

/** A process of its own that logs everything it can. */
async function startLoggedApi({ env }: Product): Promise<typeof api> {
  const port = String(20_000 + (process.pid % 20_000))
  const child = spawn(process.execPath, [resolve('dist/api/main.js')], {
    env: { PATH: process.env.PATH, ...env, PORT: port },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8')
    keepOutput(chunk.toString('utf8'))
  })
  for (let tries = 0; !log.includes('API listening'); tries++) {
    if (tries === 1000 || child.exitCode !== null) throw new Error(`The API did not start: ${log}`)
    await new Promise(done => setTimeout(done, 50))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => log,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

const submitAge = (fields: Record<string, string>, cookie?: string): Promise<Response> =>
  fetch(`${api.url}/subscribe`, {
    method: 'POST',
    headers: cookie ? { cookie } : {},
    body: new URLSearchParams({ step: 'age', locale: 'en', ...fields }),
    redirect: 'manual',
  })

async function everythingInRedis(): Promise<string> {
  const redis = new Redis(String(product.env.REDIS_URL))
  const dumps = []
  for (const key of await redis.keys('*')) dumps.push(key, (await redis.dumpBuffer(key))?.toString('latin1'))
  redis.disconnect()
  return dumps.join('\n')
}

/** Everything that outlives a request, without the times that are in it anyway. */
async function everythingKept(): Promise<string> {
  return [await everythingStored(product), await everythingInRedis(), api.log()].join('\n')
}

test('nothing of a child is kept: not in the database, not in Redis, not in a log, not in a cookie', async () => {
  const before = await everythingStored(product)
  const sent = { birthMonth: MONTH, birthYear: YEAR, email: EMAIL, name: CANARY, 'purpose:topic:weekly': '1' }

  const page = await submitAge(sent)
  const byApi = await graphql(
    api,
    'mutation ($m: String!) { ageCheck(birthMonth: $m) { agePass userErrors { code } } }',
    {
      m: `${YEAR}-${MONTH}`,
    },
  )
  const inTheWrongPlace = await graphql(
    api,
    `mutation { ageCheck(birthMonth: "${EMAIL}") { agePass userErrors { code } } }`,
  )
  await submitAge({ birthMonth: EMAIL, birthYear: CANARY })
  await fetch(`${api.url}/subscribe?birthMonth=${MONTH}&birthYear=${YEAR}&email=${EMAIL}`)

  expect(page.status).toBe(200)
  expect(byApi.data.ageCheck).toEqual({ agePass: null, userErrors: [{ code: 'NOT_ELIGIBLE' }] })
  expect(inTheWrongPlace.data.ageCheck).toEqual({ agePass: null, userErrors: [{ code: 'INVALID' }] })
  expect(await everythingStored(product)).toBe(before)
  const kept = await everythingKept()
  expect(kept).toContain('API listening')
  for (const canary of [CANARY, `${YEAR}-${MONTH}`, `${MONTH}/${YEAR}`]) expect(kept).not.toContain(canary)
})

test('an error while a child signs up tells the log nothing of it', async () => {
  const answers = [
    await graphql(
      api,
      `mutation { ageCheck(birthMonth: "${YEAR}-${MONTH}", email: "${EMAIL}") { agePass } }`,
    ),
    await graphql(api, `mutation { ageCheck(birthMonth: ["${YEAR}-${MONTH}", "${EMAIL}"]) { agePass } }`),
    await graphql(api, 'mutation ($m: String!) { ageCheck(birthMonth: $m) { agePass } }', {
      m: { [EMAIL]: `${YEAR}-${MONTH}` },
    }),
  ]
  const broken = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query": "${YEAR}-${MONTH} ${EMAIL}`,
  })

  expect(broken.status).toBe(400)
  for (const answer of [...answers, await broken.text()]) {
    expect(JSON.stringify(answer)).toContain('errors')
    expect(JSON.stringify(answer)).not.toContain(CANARY)
    expect(JSON.stringify(answer)).not.toContain(`${YEAR}-${MONTH}`)
  }
  expect(api.log()).not.toContain(CANARY)
  expect(api.log()).not.toContain(`${YEAR}-${MONTH}`)
})

test('the refusal sets one cookie without a value of its own, and it alone blocks the next try', async () => {
  const refused = await submitAge({ birthMonth: MONTH, birthYear: YEAR, email: EMAIL })
  const cookies = refused.headers.getSetCookie()
  const again = await submitAge({ birthMonth: '5', birthYear: '1980' }, 'other=1; ag=1')
  const form = await fetch(`${api.url}/subscribe`, { headers: { cookie: 'ag=1' } })

  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatch(/^ag=1; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
  const text = await refused.text()
  expect(await again.text()).toBe(text)
  expect(await form.text()).toBe(text)
  expect(text).not.toMatch(/\b(13|age|old|years?|child)\b|<form|<input/i)
  expect(text).not.toContain(CANARY)
})

const AGE_CHECK = 'mutation ($m: String!) { ageCheck(birthMonth: $m) { agePass userErrors { code } } }'
const NOT_ELIGIBLE = { agePass: null, userErrors: [{ code: 'NOT_ELIGIBLE' }] }

async function checkAge(
  birthMonth: string,
  headers: Record<string, string> = {},
  url = api.url,
): Promise<{ answer: AnyData; cookies: string[] }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: AGE_CHECK, variables: { m: birthMonth } }),
  })
  const { data } = (await response.json()) as AnyData
  return { answer: data.ageCheck, cookies: response.headers.getSetCookie() }
}

test('page and API keep each other’s refusal: the same cookie, and no second try at either', async () => {
  const refused = await checkAge(`${YEAR}-${MONTH}`)
  const again = await checkAge('1980-05', { cookie: 'other=1; ag=1' })
  const page = await submitAge({ birthMonth: '5', birthYear: '1980' }, 'ag=1')

  expect(refused).toEqual({
    answer: NOT_ELIGIBLE,
    cookies: ['ag=1; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax'],
  })
  expect(again).toEqual({ answer: NOT_ELIGIBLE, cookies: [] })
  expect(await page.text()).not.toContain('<form')
  for (const cookie of ['ag=0', 'tag=1', 'ag=12'])
    expect((await checkAge('1980-05', { cookie })).answer.userErrors).toEqual([])
})

test('a refusal of one visitor does not close a program that asks for many', async () => {
  const input = {
    name: 'site',
    scopes: ['readers:register'],
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  }
  const create = 'mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { secretShownOnce } }'
  const { apiKeyCreate } = await ok(product, create, { input }, { token: admin.token })
  const secret = apiKeyCreate.secretShownOnce
  canary(secret)
  const ask = async (birthMonth: string) => {
    const response = await fetch(`${api.url}/graphql/staff`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, cookie: 'ag=1' },
      body: JSON.stringify({ query: AGE_CHECK, variables: { m: birthMonth } }),
    })
    const { data } = (await response.json()) as AnyData
    return { answer: data.ageCheck, cookies: response.headers.getSetCookie() }
  }

  expect(await ask(`${YEAR}-${MONTH}`)).toEqual({ answer: NOT_ELIGIBLE, cookies: [] })
  expect((await ask('1980-05')).answer.userErrors).toEqual([])
})

test('the step before the form asks for month and year, and for nothing else, in words that hint at no limit', async () => {
  for (const lang of ['en', 'de']) {
    const html = await (await fetch(`${api.url}/subscribe?lang=${lang}`)).text()
    const fields = [...html.matchAll(/<(?:input|select|textarea)[^>]*\bname="([^"]+)"[^>]*>/g)]

    expect(fields.map(([, name]) => name)).toEqual(['step', 'locale', 'birthMonth', 'birthYear'])
    expect(html).not.toMatch(
      /\b(1[3-6]|under|over|older|at least|minimum|adult|unter|über|mindestens|älter|erwachsen)\b/i,
    )
    for (const [field, name] of fields.slice(2)) {
      expect(`${name} ${field}`).not.toMatch(/\bvalue="[^"]|\bmin=|\bmax=/)
      expect(field).toContain('type="text"')
    }
    expect(html).not.toContain('<script')
  }
})

test.each([13, 14, 15, 16])(
  'the limit of %i is the site’s to set, and holds at page and API',
  async limit => {
    const more = await startMoreApi(product, { MINIMUM_AGE: String(limit) })
    try {
      const now = new Date()
      const birthMonth = (months: number): string =>
        new Date(Date.UTC(now.getUTCFullYear() - limit, now.getUTCMonth() - months, 1))
          .toISOString()
          .slice(0, 7)
      const [year, month] = birthMonth(0).split('-')
      const page = await fetch(`${more.url}/subscribe`, {
        method: 'POST',
        body: new URLSearchParams({
          step: 'age',
          locale: 'en',
          birthMonth: month ?? '',
          birthYear: year ?? '',
        }),
      })

      expect((await checkAge(birthMonth(0), {}, more.url)).answer).toEqual(NOT_ELIGIBLE)
      expect((await checkAge(birthMonth(1), {}, more.url)).answer.userErrors).toEqual([])
      expect(page.headers.getSetCookie()).toHaveLength(1)
      expect(await page.text()).not.toContain('<form')
    } finally {
      await more.stop()
    }
  },
)

test.each(['12', '17', '13.5', 'thirteen', '-13'])('a limit of %s stops the start', limit => {
  expect(() => loadConfig({ ...product.env, MINIMUM_AGE: limit }, undefined)).toThrow('MINIMUM_AGE')
})

test('nobody else gets a cookie', async () => {
  const answers = [
    await fetch(`${api.url}/subscribe`),
    await submitAge({ birthMonth: '5', birthYear: '1980' }),
    await submitAge({ birthMonth: '13', birthYear: '80' }),
  ]

  expect(answers.map(answer => answer.status)).toEqual([200, 200, 422])
  for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual([])
})

describe('the limit', () => {
  const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  const age = fc.integer({ min: 13, max: 16 })
  /** The month this many months before. */
  const monthBefore = (now: Date, months: number): string =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 7)

  test('the month of the 13th birthday counts as under, the month before it as over', () => {
    const now = new Date('2026-03-31T23:59:59.999Z')

    expect(ageCheck('2013-03', 13, now)).toBe('under-age')
    expect(ageCheck('2013-04', 13, now)).toBe('under-age')
    expect(ageCheck('2013-02', 13, now)).toBe('of-age')
    expect(ageCheck('2013-03', 13, new Date('2026-04-01T00:00:00Z'))).toBe('of-age')
  })

  test('nobody who could still be under the limit on any day of the month passes, and everyone older does', () => {
    fc.assert(
      fc.property(moment, age, fc.integer({ min: 0, max: 125 * 12 }), (now, limit, months) => {
        const answer = ageCheck(monthBefore(now, months), limit, now)

        expect(answer).toBe(months > limit * 12 ? 'of-age' : 'under-age')
      }),
    )
  })

  test('months to come, months too long ago and everything else are malformed', () => {
    fc.assert(
      fc.property(moment, age, fc.integer({ min: 1, max: 500 }), (now, limit, months) => {
        expect(ageCheck(monthBefore(now, -months), limit, now)).toBe('malformed')
        expect(ageCheck(monthBefore(now, 125 * 12 + months), limit, now)).toBe('malformed')
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), moment, (text, now) => {
        fc.pre(!/^\d{4}-(0[1-9]|1[0-2])$/.test(text))
        expect(ageCheck(text, 13, now)).toBe('malformed')
      }),
    )
    for (const text of ['1990-13', '1990-00', '1990-5', '1990-05-01', ' 1990-05', '1990-05\n', '١٩٩٠-٠٥'])
      expect(ageCheck(text, 13, new Date())).toBe('malformed')
  })
})
