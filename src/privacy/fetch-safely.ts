// Asks a site of somebody else whether it answers, without being led anywhere else than to the public web (SSRF).
import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { LinkCheckResult } from '../entities/directory-link'
import { isPlainWebUrl, isPublicAddress } from './may-fetch'

/** Where it may go; production has one set of them. */
export interface FetchRules {
  /** Every address of a name. */
  resolve(host: string): Promise<string[]>
  isAllowed(address: string): boolean
  ports: readonly number[]
}

export const publicWeb: FetchRules = {
  resolve: async host => (await lookup(host, { all: true })).map(({ address }) => address),
  isAllowed: isPublicAddress,
  ports: [80, 443],
}

const MAX_REDIRECTS = 3
const MAX_BYTES = 64 * 1024
const PATIENCE_MS = 10_000
/** It says what it is and nothing of the site or its readers. No cookie, no referrer. */
const HEADERS = { 'User-Agent': 'weinterrupt-link-check', Accept: '*/*' }
/** There is a site, only not for programs. */
const SHY = new Set([401, 403, 405, 407, 429])

/**
 * What becomes of a link, within ten seconds for all of it. Every name is resolved here and every address of it has to be
 * allowed; then one that was looked at is connected to, not the name once more. Each of at most three redirects is looked
 * at in the same way. Of a body at most 64 kB are read, and dropped. Never throws but when `stopping` aborts.
 */
export async function checkAddress(
  address: string,
  stopping: AbortSignal,
  rules: FetchRules = publicWeb,
): Promise<LinkCheckResult> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)])
  try {
    return await follow(address, signal, rules)
  } catch (error) {
    stopping.throwIfAborted()
    return error instanceof ForbiddenError ? LinkCheckResult.FORBIDDEN : LinkCheckResult.UNREACHABLE
  }
}

class ForbiddenError extends Error {}

async function follow(address: string, signal: AbortSignal, rules: FetchRules): Promise<LinkCheckResult> {
  let url = new URL(address)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { status, location } = await ask(url, signal, rules)
    if (status < 300 || status >= 400 || location === undefined)
      return status < 400 || SHY.has(status) ? LinkCheckResult.OK : LinkCheckResult.REFUSED
    if (!URL.canParse(location, url)) return LinkCheckResult.REFUSED
    url = new URL(location, url)
  }
  return LinkCheckResult.REFUSED
}

interface Answer {
  status: number
  location: string | undefined
}

/** HEAD; where that is answered with an error, GET: many servers only know that. */
async function ask(url: URL, signal: AbortSignal, rules: FetchRules): Promise<Answer> {
  const addresses = await allowedAddresses(url, signal, rules)
  const head = await send('HEAD', url, addresses, signal)
  return head.status < 400 ? head : send('GET', url, addresses, signal)
}

async function allowedAddresses(url: URL, signal: AbortSignal, rules: FetchRules): Promise<string[]> {
  if (!isPlainWebUrl(url, rules.ports)) throw new ForbiddenError()
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : await orAborted(rules.resolve(host), signal)
  // One that is not allowed among others: whoever owns the name could have any of them connected to.
  if (addresses.length === 0 || !addresses.every(one => rules.isAllowed(one))) throw new ForbiddenError()
  return addresses
}

/** The system's resolver cannot be stopped. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason)
    signal.addEventListener('abort', give, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}

function send(
  method: 'HEAD' | 'GET',
  url: URL,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const found = addresses.map(address => ({ address, family: isIP(address) }))
  const toThem: LookupFunction = (_host, { all }, done) => {
    const [first] = found
    if (all) done(null, found)
    else if (first) done(null, first.address, first.family)
  }
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const asked = start(url, { method, signal, agent: false, headers: HEADERS, lookup: toThem })
    asked.on('error', reject)
    asked.on('response', response => {
      const { statusCode: status = 0, headers } = response
      readSome(response, () => {
        asked.destroy()
        resolve({ status, location: headers.location })
      })
    })
    asked.end()
  })
}

/** To its end or to 64 kB; a body that breaks off is no news. */
function readSome(response: IncomingMessage, done: () => void): void {
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > MAX_BYTES) done()
  })
  response.on('close', done)
  response.on('error', done)
}
