// A person with a browser: Debian's Chromium, and everything it complained about.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { source as axeSource } from 'axe-core'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS })

export const PHONE = { width: 360, height: 740 }
export const DESKTOP = { width: 1280, height: 900 }

export interface Visitor {
  page: Page
  context: BrowserContext
  /** Blocked by the content security policy, asked of another host, or an error of a script. */
  complaints: string[]
  /** Opens a path of the site; answers the status. */
  open(path: string): Promise<number>
}

/** A first-time visitor: an empty profile of its own. */
export async function newVisitor(
  browser: Browser,
  site: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en', ...options })
  const complaints: string[] = []
  context.on('request', request => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== site && protocol !== 'blob:' && protocol !== 'data:')
      complaints.push(`asked ${request.url()}`)
  })
  context.on('weberror', ({ error }) => void complaints.push(error().message))
  context.on('console', message => {
    // That a page is an answer with 404 or 410 is no mistake of the page.
    if (message.type() === 'error' && !/status of (404|405|410|422|503)/.test(message.text()))
      complaints.push(message.text())
  })
  const page = await context.newPage()
  return {
    page,
    context,
    complaints,
    async open(path) {
      const response = await page.goto(new URL(path, site).href)
      return response?.status() ?? 0
    },
  }
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** The rules that ask for a colour: all that night may change about a page. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block']

const look = (runOnly: object): string => `(async () => {
  const { violations } = await axe.run({ runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] })
  return violations.flatMap(({ id, nodes }) => nodes.map(node => id + ': ' + node.html))
})()`

/** What axe finds against WCAG 2.2, levels A and AA. The pages have no frames, into which it would have to be put too. */
export const accessibilityFaults = (page: Page): Promise<string[]> => faultsIn(page, look(WCAG))

/** The same of a page that has been looked at in other colours. */
export const colourFaults = (page: Page): Promise<string[]> =>
  faultsIn(page, look({ type: 'rule', values: OF_COLOUR }))

async function faultsIn(page: Page, script: string): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axeSource)
  return (await page.evaluate(script)) as string[]
}

/** By how many CSS pixels the page is wider than its window. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** For people to look at, with PICTURES=1; in `.local`, which is not committed. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return
  const folder = resolve('.local/browser')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

/** What has been stored in the browser by the site: cookies, storage, databases, workers, caches. */
export async function storedBy({ context, page }: Visitor): Promise<unknown[]> {
  const inPage = await page.evaluate(`(async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(one => one.name),
    ...(await caches.keys()), ...(await navigator.serviceWorker.getRegistrations()).map(one => one.scope),
  ])()`)
  return [...(await context.cookies()), ...(inPage as string[])]
}

export interface Stop {
  /** What a screen reader would begin with. */
  name: string
  isVisible: boolean
  /** Whether the focus can be seen: an outline or shadow that is not there without it. */
  isMarked: boolean
}

const STOP = `(() => {
  const at = document.activeElement
  if (!at || at === document.body) return null
  const look = () => { const s = getComputedStyle(at); return [s.outlineStyle === 'none' ? '' : s.outlineWidth + s.outlineColor, s.boxShadow].join() }
  const focused = look()
  const box = at.getBoundingClientRect()
  const name = (at.labels?.[0]?.textContent ?? at.textContent ?? '').trim().replace(/\\s+/g, ' ')
  at.blur()
  const isMarked = focused !== look()
  at.focus({ preventScroll: true })
  return { name, isVisible: box.width > 2 && box.height > 2, isMarked }
})()`

/** Presses Tab until the focus leaves the page, and tells where it stopped. */
export async function tabThrough(page: Page): Promise<Stop[]> {
  const stops: Stop[] = []
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    const stop = (await page.evaluate(STOP)) as Stop | null
    if (!stop) break
    stops.push(stop)
  }
  return stops
}
