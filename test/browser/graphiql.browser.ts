import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { type ApiServer, createServer } from '../../src/api/server'
import { createLog } from '../../src/log'
import { logTarget } from '../support/leaks'
import { type Product, startProduct } from '../support/product'
import { keepPicture, newVisitor, startBrowser } from './visitor'

let product: Product
let api: ApiServer
let browser: Browser
let url: string

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const allowedOrigins: string[] = []
  const config = { ...product.config, local: true, allowedOrigins }
  api = await createServer({ ...product.connections, config, log: createLog('trace', 'test', logTarget()) })
  api.http.listen(0, '127.0.0.1')
  await once(api.http, 'listening')
  url = `http://127.0.0.1:${(api.http.address() as AddressInfo).port}`
  // It is not where PUBLIC_URL says.
  allowedOrigins.push(url)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await api?.stop()
  await product?.stop()
})

test.each([
  ['/graphql', 'We Interrupt'],
  ['/graphql/staff', '"userErrors"'],
])(
  'GraphiQL opens on %s in local mode, knows the schema, asks nobody else and gets an answer',
  async (path, answer) => {
    const visitor = await newVisitor(browser, url)
    expect(await visitor.open(path)).toBe(200)
    await visitor.page.getByRole('button', { name: /execute query/i }).click()
    await visitor.page.locator('.result-window', { hasText: answer }).waitFor()
    await visitor.page.getByRole('button', { name: /documentation explorer/i }).click()
    await visitor.page.getByText('Root Types').first().waitFor()

    await keepPicture(visitor.page, `graphiql${path.replaceAll('/', '-')}`)
    expect(visitor.complaints).toEqual([])
    await visitor.context.close()
  },
)
