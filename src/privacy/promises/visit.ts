// P3: visit anonymously. P4: cookies as disclosed. Both are shown by a visit: the site's own pages, asked for as a stranger does.
import { cookies } from '../cookies'
import { type Found, type PromiseMeans, wrong } from './kept'

const PAGES = ['/', '/subscribe', '/p', '/privacy', '/privacy/retention', '/processors', '/cookies']
const PATIENCE_MS = 5_000

interface Visited {
  /** Those that answered as they should. */
  pages: number
  /** What could not be reached. */
  missing: string[]
  /** Names of cookies that were set. */
  cookies: string[]
  /** Files of other hosts that a page wants. */
  foreign: string[]
  /** The page /cookies. */
  registry: string
}

/** Opens every open page once, without any cookie. */
async function visitSite(origin: string): Promise<Visited> {
  const visited: Visited = { pages: 0, missing: [], cookies: [], foreign: [], registry: '' }
  for (const path of PAGES) {
    const response = await get(`${origin}${path}`)
    if (!response?.ok) {
      visited.missing.push(path)
      continue
    }
    visited.pages += 1
    visited.cookies.push(...response.headers.getSetCookie().map(cookie => cookie.split('=')[0] ?? ''))
    const html = await response.text()
    visited.foreign.push(...foreignIn(html, origin))
    if (path === '/cookies') visited.registry = html
  }
  return visited
}

/** Undefined: nobody answers. */
const get = (url: string): Promise<Response | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined)

/** What a browser would load by itself. Links are not loaded. */
const LOADED = /<(?:script|img|iframe|source|link)\b[^>]*?\s(?:src|href)="([^"]+)"/gi

const foreignIn = (html: string, origin: string): string[] =>
  [...html.matchAll(LOADED)]
    .map(([, url = '']) => new URL(url, origin))
    .filter(url => url.origin !== new URL(origin).origin)
    .map(({ host }) => host)

const list = (items: readonly string[]): string => [...new Set(items)].join(', ')

/** Every page answers a stranger, and leaves nothing with them. */
export async function anonymous({ origin }: PromiseMeans): Promise<Found> {
  const { pages, missing, cookies: set, foreign } = await visitSite(origin)
  return {
    figures: { pages, at: new Date() },
    broken: wrong(
      ['promise.broken.unreachable', list(missing)],
      ['promise.broken.cookieSet', list(set)],
      ['promise.broken.foreign', list(foreign)],
    ),
  }
}

/** The published list has every cookie there may be, nothing needs a yes that was not given, and the signal is honoured. */
export async function cookiesDisclosed({ origin, db: { manager } }: PromiseMeans): Promise<Found> {
  const { registry, cookies: set, missing } = await visitSite(origin)
  const unlisted = Object.values(cookies)
    .map(({ name }) => name)
    .filter(name => registry !== '' && !registry.includes(name))
  const statement: unknown = await (await get(`${origin}/.well-known/gpc.json`))
    ?.json()
    .catch(() => undefined)
  const isHonoured = (statement as { gpc?: unknown } | undefined)?.gpc === true
  const [row]: { count: number }[] = await manager.query(
    "SELECT COUNT(*) AS count FROM purpose WHERE kind IN ('ANALYTICS_COOKIES', 'ADVERTISING_COOKIES')",
  )
  return {
    figures: { cookies: Object.keys(cookies).length, purposes: Number(row?.count ?? 0), at: new Date() },
    broken: wrong(
      ['promise.broken.unreachable', missing.includes('/cookies') ? '/cookies' : ''],
      ['promise.broken.unlisted', list(unlisted)],
      ['promise.broken.cookieSet', list(set)],
      ['promise.broken.signal', isHonoured ? 0 : 1],
    ),
  }
}
