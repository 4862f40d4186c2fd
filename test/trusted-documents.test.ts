import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Login, mustBeTrusted } from '../src/api/trusted-documents'
import { ConfigError, loadConfig } from '../src/config'
import { SessionTransport } from '../src/entities/session-transport'
import { makeStaff } from './support/actors'
import type { AnyData } from './support/api'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

const OURS = 'query Site { site { name } }'
const HASH = createHash('sha256').update(OURS).digest('hex')
const FREE = '{ site { contact } }'
let product: Product
let api: MoreApi
let token: string
let manifest: string

beforeAll(async () => {
  manifest = join(mkdtempSync(join(tmpdir(), 'weinterrupt-test-')), 'documents.json')
  writeFileSync(manifest, JSON.stringify({ [HASH]: OURS }))
  product = await startProduct({ worker: false })
  token = (await makeStaff(product, 'ADMIN')).token
  api = await startMoreApi(product, { NODE_ENV: 'production', TRUSTED_DOCUMENTS: manifest })
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

async function ask(path: string, body: AnyData): Promise<AnyData> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(api.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.json()
}

describe.each(['/graphql', '/graphql/staff'])('%s', path => {
  test.each([
    ['documentId', { documentId: HASH }],
    [
      'the extension of Apollo and urql',
      { extensions: { persistedQuery: { version: 1, sha256Hash: HASH } } },
    ],
  ])('a trusted document may be named instead of sent, by %s', async (_how, body) => {
    expect(await ask(path, body)).toEqual({ data: { site: { name: 'We Interrupt' } } })
  })

  test('what is named and unknown is refused; what is sent beside a name counts as it is sent', async () => {
    for (const name of ['0'.repeat(64), '__proto__', 7, null, [HASH]])
      expect((await ask(path, { documentId: name })).errors).toHaveLength(1)
    expect(await ask(path, { query: FREE, documentId: HASH })).toEqual({
      data: { site: { contact: 'news@site.example' } },
    })
  })

  test('a bearer may send free operations', async () => {
    expect((await ask(path, { query: FREE })).errors).toBeUndefined()
  })
})

describe('staff who are logged in by cookie', () => {
  const cookie = { transport: SessionTransport.COOKIE }
  const trust = (env: NodeJS.ProcessEnv) => loadConfig({ ...product.env, ...env }, undefined)
  const refused = (env: NodeJS.ProcessEnv, login: Login | undefined, text: string): boolean => {
    try {
      mustBeTrusted(trust({ TRUSTED_DOCUMENTS: manifest, ...env }), login, text)
      return false
    } catch (error) {
      expect(error).toMatchObject({ extensions: { code: 'OPERATION_NOT_SAFELISTED', http: { status: 403 } } })
      return true
    }
  }
  const production = { NODE_ENV: 'production' }

  test('may run trusted documents only, in production', () => {
    expect(refused(production, cookie, OURS)).toBe(false)
    expect(refused(production, cookie, FREE)).toBe(true)
    expect(refused(production, cookie, `${OURS} `)).toBe(true)
    expect(refused({ ...production, TRUSTED_DOCUMENTS: '' }, cookie, OURS)).toBe(true)
  })

  test('nobody else is asked for them, and nobody outside production', () => {
    expect(refused(production, undefined, FREE)).toBe(false)
    expect(refused(production, { transport: SessionTransport.BEARER }, FREE)).toBe(false)
    expect(refused({ NODE_ENV: 'development' }, cookie, FREE)).toBe(false)
    expect(() => mustBeTrusted({ ...trust(production), local: true }, cookie, FREE)).not.toThrow()
  })
})

test('a manifest that is none stops the start', () => {
  const file = join(tmpdir(), 'weinterrupt-no-manifest.json')
  for (const text of ['[]', '{"a": 1}', 'x', '']) {
    writeFileSync(file, text)
    expect(() => loadConfig({ ...product.env, TRUSTED_DOCUMENTS: file }, undefined)).toThrow(ConfigError)
  }
  expect(() => loadConfig({ ...product.env, TRUSTED_DOCUMENTS: '/nowhere' }, undefined)).toThrow(
    'TRUSTED_DOCUMENTS must name readable JSON files',
  )
})
