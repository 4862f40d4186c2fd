import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { ageCheck } from '../src/consent/age-gate'
import { makeStaff, makeTopic } from './support/actors'
import { graphql } from './support/api'
import { everythingStored } from './support/dump'
import { keepOutput } from './support/leaks'
import { type Product, startProduct } from './support/product'

// Somebody of twelve, and everything they send along.
const YEAR = String(new Date().getUTCFullYear() - 12)
const MONTH = '07'
const CANARY = 'canary-child-4711'
const EMAIL = `${CANARY}@example.org`

let product: Product
let api: { url: string; log(): string; stop(): Promise<void> }

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
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
    if (tries === 200 || child.exitCode !== null) throw new Error(`The API did not start: ${log}`)
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
  expect(cookies[0]).toMatch(/^ag=1; Max-Age=86400; Path=\/subscribe; HttpOnly; SameSite=Lax$/)
  const text = await refused.text()
  expect(await again.text()).toBe(text)
  expect(await form.text()).toBe(text)
  expect(text).not.toMatch(/\b(13|age|old|years?|child)\b|<form|<input/i)
  expect(text).not.toContain(CANARY)
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
