// The walk through every page as a test: once for each kind of visitor, in files of their own, as each takes minutes.
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { makeNewsletter, makeStaff, makeTopic } from '../support/actors'
import { type Product, startProduct } from '../support/product'
import { everyPage } from './every-page'
import { accessibilityFaults, keepPicture, newVisitor, overhang, startBrowser, type Visitor } from './visitor'

const PAGES = 56

// What a window of 1280 pixels has left at 200 % and at 400 %.
const ZOOMED = [640, 320]

interface Kind extends BrowserContextOptions {
  viewport: { width: number; height: number }
  locale: string
}

/** Declares the test for a visitor of this kind. */
export function testEveryPage(name: string, options: Kind): void {
  let product: Product
  let browser: Browser
  let newsletterId: string

  beforeAll(async () => {
    product = await startProduct()
    browser = await startBrowser()
    const admin = await makeStaff(product, 'ADMIN')
    const weekly = await makeTopic(product, admin, 'weekly', 'Weekly')
    newsletterId = (await makeNewsletter(product, admin, weekly.id)).id
    await makeTopic(product, admin, 'monthly', 'Monthly')
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop()
  })

  test(`every page is accessible, fits and breaks no rule of its own policy, ${name}`, async () => {
    const visitor = await newVisitor(browser, product.url, options)
    const faults: Record<string, unknown> = {}
    const seen: string[] = []
    for await (const page of everyPage(product, visitor, { locale: options.locale, newsletterId })) {
      seen.push(page)
      const found = await faultsOf(visitor, page, options)
      if (found.length > 0) faults[page] = found
    }

    expect(faults).toEqual({})
    expect(visitor.complaints).toEqual([])
    expect(new Set(seen).size).toBe(PAGES)
    await visitor.context.close()
  }, 600_000)
}

async function faultsOf({ page }: Visitor, name: string, { viewport }: Kind): Promise<string[]> {
  const found = await accessibilityFaults(page)
  if ((await overhang(page)) > 0) found.push('is wider than the window')
  await keepPicture(page, `${name}-${viewport.width}`)
  for (const width of ZOOMED) {
    await page.setViewportSize({ width, height: 450 })
    if ((await overhang(page)) > 0) found.push(`is wider than ${width} pixels`)
  }
  await page.setViewportSize(viewport)
  return found
}
