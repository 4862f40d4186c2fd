import { CANARY, type Probe, probes, sendProbe } from './support/abuse'
import { makeStaff, makeTopic } from './support/actors'
import type { AnyData } from './support/api'
import { expectNoChange } from './support/dump'
import { type MoreApi, startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'

let product: Product
let api: MoreApi

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const admin = await makeStaff(product, 'ADMIN')
  for (const slug of ['weekly', 'monthly']) await makeTopic(product, admin, slug)
  api = await startMoreApi(product, { NODE_ENV: 'production' })
})
afterAll(async () => {
  await api?.stop()
  await product?.stop()
})

async function refusalOf(
  path: string,
  probe: Probe,
): Promise<{ status: number; errors: AnyData[]; text: string }> {
  const response = await sendProbe(api.url + path, probe)
  const text = await response.text()
  const { errors = [], data } = JSON.parse(text) as AnyData
  expect(data ?? null).toBeNull()
  for (const { extensions } of errors) expect(extensions.requestId).toBe(response.headers.get('x-request-id'))
  return { status: response.status, errors, text }
}

describe.each(['/graphql', '/graphql/staff'])('%s refuses with 4xx and under 4 kB', path => {
  test.each(probes.map(probe => [probe.name, probe] as const))('%s', async (_name, probe) => {
    const { status, errors, text } = await refusalOf(path, probe)

    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.length).toBeLessThanOrEqual(5)
    expect(text.length).toBeLessThan(4096)
    for (const { extensions } of errors) expect(probe.codes).toContain(extensions.code)
    expect(text).not.toContain(CANARY)
    expect(text).not.toMatch(/Did you mean|node_modules|at \w+ \(|stacktrace/)
  })
})

test('none of it changes anything', async () => {
  await expectNoChange(product, async () => {
    for (const path of ['/graphql', '/graphql/staff'])
      for (const probe of probes) await sendProbe(api.url + path, probe)
  })
})
