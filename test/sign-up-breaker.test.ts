import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { makeStaff, makeTopic, uniqueAddress } from './support/actors'
import type { AnyData } from './support/api'
import { confirmByApi, pending, post } from './support/confirming'
import { fieldsOf } from './support/form'
import { mailsTo, waitForMail } from './support/mail'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'
import { noticesOf, registrationsOf, settled } from './support/rows'
import { detailsFrom, filledIn, postForm, signUpFrom } from './support/visitor'

/** Clock and chance: they say nothing about an address. */
const PER_REQUEST = new Set(['date', 'x-request-id'])

const HERE = '127.0.0.1'
let product: Product
let api: MoreApi
let site: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
  api = await startMoreApi(product, { RATE_LIMITS: 'breaker=6/h' })
  site = { ...product, url: api.url }
})
beforeEach(async () => void (await product.connections.redis.flushdb()))
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

async function trip(): Promise<void> {
  for (let n = 1; n <= 6; n++) expect(await signUpFrom(site, HERE)).toMatchObject({ accepted: true })
}

async function solved(json: string): Promise<string> {
  const challenge = JSON.parse(json)
  const solution = await solveChallenge({ challenge, deriveKey })
  return JSON.stringify({ challenge, solution })
}

const challengeOf = (answer: AnyData): string => answer.userErrors[0].challenge

/** What the form's script would be given to do. */
const challengeIn = (html: string): string => {
  const data = /data-challenge="([^"]+)"/.exec(html)?.[1]
  if (!data) throw new Error('No challenge in the page')
  return data.replaceAll('&quot;', '"')
}

describe('more unconfirmed sign-ups than usual', () => {
  test('ask for a proof of work, whoever is signed up', async () => {
    await trip()

    const email = uniqueAddress()
    const answer = await signUpFrom(site, HERE, { email })
    expect(answer).toMatchObject({
      accepted: false,
      userErrors: [{ code: 'CHALLENGE_REQUIRED', field: ['input', 'challengeSolution'] }],
    })
    expect(await registrationsOf(product, email)).toEqual([])

    const challengeSolution = await solved(challengeOf(answer))
    expect(await signUpFrom(site, HERE, { email, challengeSolution })).toMatchObject({ accepted: true })
    await waitForMail(product, email)
    // Once, and for nobody else.
    expect(await signUpFrom(site, HERE, { challengeSolution })).toMatchObject({ accepted: false })
  })

  test('take no other proof: forged, unsolved, for another site, not one at all', async () => {
    await trip()
    const answer = await signUpFrom(site, HERE)
    const good = JSON.parse(await solved(challengeOf(answer)))
    const { challenge, solution } = good
    const forged = [
      { challenge, solution: { ...solution, derivedKey: '00'.repeat(32) } },
      { challenge, solution: { counter: 0, derivedKey: solution.derivedKey.slice(2) } },
      { challenge: { ...challenge, signature: '00'.repeat(32) }, solution },
      { challenge: { ...challenge, parameters: { ...challenge.parameters, cost: 1 } }, solution },
      {
        challenge: { ...challenge, parameters: { ...challenge.parameters, expiresAt: undefined } },
        solution,
      },
      { challenge: { parameters: challenge.parameters }, solution },
      { challenge },
    ].map(one => JSON.stringify(one))

    for (const challengeSolution of [...forged, '', '{', 'null', '[]', 'e30=', 'x'.repeat(5000)])
      expect(await signUpFrom(site, HERE, { challengeSolution })).toMatchObject({
        accepted: false,
        userErrors: [{ code: 'CHALLENGE_REQUIRED' }],
      })
    const challengeSolution = Buffer.from(JSON.stringify(good)).toString('base64')
    expect(await signUpFrom(site, HERE, { challengeSolution })).toMatchObject({ accepted: true })
  })

  test('a sign-up that is confirmed, by link or by client, no longer counts', async () => {
    for (let n = 1; n <= 5; n++) await signUpFrom(site, HERE)
    for (const confirm of [confirmByApi, (at: MoreApi, token: string) => post(at, `/c/${token}`)]) {
      await confirm(api, (await pending({ ...product, url: api.url })).token)
      await new Promise(resolve => setTimeout(resolve, 100))
    }

    expect(await signUpFrom(site, HERE)).toMatchObject({ accepted: true })
    expect(await signUpFrom(site, HERE)).toMatchObject({ accepted: false })
  })

  test('the form brings its own script for it, and words for browsers without scripts', async () => {
    const calm = await detailsFrom(site, HERE)
    expect(calm.html).not.toMatch(/<script|data-challenge/)
    expect(calm.headers.get('content-security-policy')).not.toContain('script-src')
    await trip()
    const email = uniqueAddress()

    // The form was drawn before the breaker tripped: it comes back with what was typed.
    const again = await postForm(site, HERE, filledIn(calm, email))
    expect(again.status).toBe(422)
    expect(fieldsOf(again.html).email).toBe(email)
    expect(again.html).toContain('there is one step more below')
    for (const page of [again, await detailsFrom(site, HERE)]) {
      expect(page.html).toContain('<script type="module" src="/assets/challenge.js">')
      expect(page.html).toMatch(/<noscript><p>[^<]*please come back in about an hour/)
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    }
    const unsolved = await postForm(site, HERE, filledIn(again, email))
    expect(unsolved.status).toBe(422)

    const solution = Buffer.from(await solved(challengeIn(unsolved.html))).toString('base64')
    const done = await postForm(site, HERE, { ...filledIn(unsolved, email), challengeSolution: solution })
    expect(done.html).toContain('Check your inbox')
    await waitForMail(product, email)
  })

  test('every script the form loads is served from here, and nothing else', async () => {
    const seen = new Set<string>()
    const load = async (path: string): Promise<void> => {
      if (seen.has(path)) return
      seen.add(path)
      const response = await fetch(product.url + path)
      expect([path, response.status]).toEqual([path, 200])
      expect(response.headers.get('content-type')).toMatch(/^(text|application)\/javascript/)
      const text = await response.text()
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g))
        await load(new URL(from, `http://here${path}`).pathname)
    }
    await load('/assets/challenge.js')

    expect(seen.size).toBe(5)
    for (const path of ['/assets/altcha/index.js', '/assets/altcha/..%2f..%2fpackage.json'])
      expect((await fetch(product.url + path)).status).toBe(404)
  })
})

describe('signs of a program', () => {
  test('a field that people do not see, filled in: the same answer, and no mail', async () => {
    const page = await detailsFrom(product, HERE)
    expect(page.html).toMatch(/<p class="visually-hidden" aria-hidden="true">.*name="remark"/)
    const [person, program] = [uniqueAddress(), uniqueAddress()]
    const answers = []
    for (const [email, remark] of [
      [person, ''],
      [program, 'Cheap watches'],
    ] as const) {
      const { status, headers, html } = await postForm(product, HERE, {
        ...filledIn(await detailsFrom(product, HERE), email),
        remark,
      })
      const shown = [...headers].filter(([name]) => !PER_REQUEST.has(name))
      answers.push(JSON.stringify([status, shown, html]))
    }

    expect(answers[0]).toContain('Check your inbox')
    expect(answers[1]).toBe(answers[0])
    await waitForMail(product, person)
    expect(await settled(product, program)).toMatchObject([{ state: 'cancelled', outcome: 'HONEYPOT' }])
    expect(mailsTo(product, program)).toEqual([])
    expect(JSON.stringify(await noticesOf(product, program))).not.toContain('watches')
  })

  test('a form sent within three seconds is taken, and counts five times for the breaker', async () => {
    const sendAtOnce = async () =>
      postForm(site, HERE, filledIn(await detailsFrom(site, HERE), uniqueAddress()))
    for (let n = 1; n <= 2; n++) expect((await sendAtOnce()).html).toContain('Check your inbox')

    expect((await sendAtOnce()).html).toContain('data-challenge')
  })

  test('a form with time for a person counts once', async () => {
    const form = await detailsFrom(site, HERE)
    await new Promise(resolve => setTimeout(resolve, 3100))
    for (let n = 1; n <= 6; n++) {
      const sent = await postForm(site, HERE, {
        ...filledIn(form, uniqueAddress()),
        formId: `slow-form-${n}`,
      })
      expect(sent.html).toContain('Check your inbox')
    }
  })
})
