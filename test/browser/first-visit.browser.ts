// Every page there is, as somebody sees it who was never here: the GET of each door, and whatever the pages link to.
import type { Browser } from 'playwright-core'
import { doors } from '../../src/api/doors'
import { makeStaff, makeTopic } from '../support/actors'
import { type Product, startProduct } from '../support/product'
import { makeCookiePurpose } from '../support/visiting'
import { newVisitor, startBrowser, storedBy, type Visitor } from './visitor'

const CHOICE = 'weinterrupt-choice'
/** A page that links to ever new ones would be noticed. */
const MOST = 120

let product: Product
let browser: Browser

beforeAll(async () => {
  product = await startProduct({ worker: false })
  browser = await startBrowser()
  const admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
  await makeCookiePurpose(product, admin, 'ANALYTICS_COOKIES', 'visits')
  await makeCookiePurpose(product, admin, 'ADVERTISING_COOKIES', 'ads')
})
afterAll(async () => {
  await browser?.close()
  await product?.stop()
})

const doorPaths = doors.flatMap(({ path, GET }) => (GET ? [path.replace(/:\w+/g, 'forged')] : []))
const everywhere = [...doorPaths, '/schema.graphql', '/nothing-here']

/** Opens these and all they lead to on the site; answers what each left in the browser, where it left something, and which paths there were. */
async function crawl(
  visitor: Visitor,
  from: readonly string[],
): Promise<{ left: Record<string, unknown[]>; paths: string[] }> {
  const waiting = [...from]
  const seen = new Set<string>()
  const left: Record<string, unknown[]> = {}
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue
    seen.add(path)
    expect(seen.size).toBeLessThan(MOST)
    // A browser stays where it is on 204, and says so.
    await visitor.open(path).catch((error: Error) => expect(error.message).toContain('ERR_ABORTED'))
    const stored = await storedBy(visitor)
    if (stored.length > 0) left[path] = stored
    const links = (await visitor.page.evaluate(
      "[...document.querySelectorAll('a[href]')].map(a => a.href).filter(href => href.startsWith(location.origin))",
    )) as string[]
    for (const { pathname, search } of links.map(href => new URL(href))) waiting.push(pathname + search)
  }
  return { left, paths: [...seen].sort() }
}

test('a first-time visitor of every page gets no cookie, nothing is stored in the browser, and nobody else is asked', async () => {
  const visitor = await newVisitor(browser, product.url)
  const { left, paths } = await crawl(visitor, everywhere)
  expect(left).toEqual({})
  expect(visitor.complaints).toEqual([])
  expect(paths).toEqual(expect.arrayContaining(doorPaths))
  expect(paths).toContain('/privacy?lang=de')
  await visitor.context.close()
})

test('with the browser’s signal it is the same whatever was chosen before: nothing but the choice itself is left', async () => {
  const texts: Record<string, string> = {}
  for (const act of ['accept', 'refuse']) {
    const visitor = await newVisitor(browser, product.url)
    await visitor.open('/cookies')
    await visitor.page.locator(`button[value=${act}]`).click()
    await visitor.context.setExtraHTTPHeaders({ 'Sec-GPC': '1' })
    const { left } = await crawl(visitor, act === 'accept' ? everywhere : ['/cookies/banner'])
    const others = Object.values(left)
      .flat()
      .filter(one => (one as { name?: string }).name !== CHOICE)
    expect([act, others, visitor.complaints]).toEqual([act, [], []])
    await visitor.open('/cookies')
    texts[act] = await visitor.page.content()
    await visitor.context.close()
  }
  expect(texts.accept).toBe(texts.refuse)
})

test('the crawl would notice a page that stores something or asks somebody else', async () => {
  const visitor = await newVisitor(browser, product.url)
  await visitor.page.route('**/statistics', route =>
    route.fulfill({
      contentType: 'text/html',
      body: '<script>localStorage.seen = 1; document.cookie = "id=7"</script><img src="https://tracker.example/p.gif">',
    }),
  )
  const { left } = await crawl(visitor, ['/statistics'])
  expect(left['/statistics']).toEqual([expect.objectContaining({ name: 'id' }), 'seen'])
  expect(visitor.complaints.join()).toContain('asked https://tracker.example/p.gif')
  await visitor.context.close()
})
