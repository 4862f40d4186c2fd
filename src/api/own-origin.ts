import type { Request } from 'express'
import type { Config } from '../config'

/**
 * Whether one of our own pages may have sent this request: the check behind everything that carries or asks for a cookie
 * (CSRF). A browser sends Origin with every POST and no script can change it; what sends none is no browser, and carries
 * nobody's cookie unasked. A form of a page that sends no referrer has the origin "null": then Sec-Fetch-Site decides.
 */
export function isFromOwnPage({ headers }: Request, publicUrl: URL): boolean {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return origin === undefined || origin === publicUrl.origin || (origin === 'null' && site === 'same-origin')
}

/** This server as this machine reaches it. */
export function ownOrigin({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
