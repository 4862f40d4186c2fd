// The walk through every page as a test: once for each language, in files of their own, as each takes minutes.
import type { Browser, Page } from 'playwright-core'
import { makeNewsletter, makeStaff, makeTopic } from '../support/actors'
import { type Product, startProduct } from '../support/product'
import { everyPage } from './every-page'
import {
  accessibilityFaults,
  colourFaults,
  keepPicture,
  newVisitor,
  overhang,
  startBrowser,
  type Visitor,
} from './visitor'

const PAGES = 58

// The smallest phone and a desktop; the former is also what the latter has left at 400 %.
const WIDTHS = [320, 1280]
// A phone, and a desktop at 200 %.
const WIDTHS_TO_FIT = [...WIDTHS, 360, 640]

export interface Look {
  colorScheme: 'light' | 'dark'
  width: number
  faultsIn: (page: Page) => Promise<string[]>
}

const by = (colorScheme: Look['colorScheme'], faultsIn: Look['faultsIn']): Look[] =>
  WIDTHS.map(width => ({ colorScheme, width, faultsIn }))
export const ALL_LOOKS = [...by('light', accessibilityFaults), ...by('dark', colourFaults)]
/** Words are all that another language changes: what becomes of the longer ones is seen on the smallest phone. */
export const TRANSLATED = ALL_LOOKS.slice(0, 1)

/** Declares the test for a visitor who reads this language. */
export function testEveryPage(name: string, locale: string, looks: readonly Look[]): void {
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

  test(`every page is accessible and fits, small and large, by day and by night, and keeps its own policy, ${name}`, async () => {
    const visitor = await newVisitor(browser, product.url, { locale })
    const faults: Record<string, unknown> = {}
    const seen: string[] = []
    for await (const page of everyPage(product, visitor, { locale, newsletterId })) {
      seen.push(page)
      const found = await faultsOf(visitor, `${locale}-${page}`, looks)
      if (found.length > 0) faults[page] = found
    }

    expect(faults).toEqual({})
    expect(visitor.complaints).toEqual([])
    expect(new Set(seen).size).toBe(PAGES)
    await visitor.context.close()
  }, 600_000)
}

async function faultsOf({ page }: Visitor, name: string, looks: readonly Look[]): Promise<string[]> {
  const found: string[] = []
  for (const { colorScheme, width, faultsIn } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    for (const fault of await faultsIn(page)) found.push(`${width}, ${colorScheme}: ${fault}`)
    await keepPicture(page, `${name}-${width}-${colorScheme}`)
  }
  for (const width of WIDTHS_TO_FIT) {
    await page.setViewportSize({ width, height: 900 })
    if ((await overhang(page)) > 0) found.push(`is wider than ${width} pixels`)
  }
  return found
}
