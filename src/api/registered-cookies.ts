// No response leaves with a cookie that is not in the published registry: whoever adds one adds it there first.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { cookieNames } from '../privacy/cookies'

/** Throws naming the cookie, which is taken back first: the request then ends as any that failed, with 500. */
export function onlyRegisteredCookies(publicUrl: URL): RequestHandler {
  const known = new Set(cookieNames(publicUrl.protocol === 'https:'))
  return (_request, response, next) => {
    // Everything Node sends passes here, whichever way a header was set.
    const writeHead = response.writeHead.bind(response) as (...all: unknown[]) => typeof response
    response.writeHead = ((...all: unknown[]) => {
      const unknown = setCookies(response, all.at(-1))
        .map(nameOf)
        .find(name => !known.has(name))
      if (unknown === undefined) return writeHead(...all)
      response.removeHeader('Set-Cookie')
      throw new Error(`The cookie ${unknown} is not in the registry of cookies`)
    }) as typeof response.writeHead
    next()
  }
}

const nameOf = (cookie: string): string => cookie.split('=')[0]?.trim() ?? ''

function setCookies(response: ServerResponse, extra: unknown): string[] {
  return [response.getHeader('set-cookie'), ...inHeaders(extra)]
    .flat()
    .filter(value => value !== undefined)
    .map(String)
}

function inHeaders(extra: unknown): unknown[] {
  // As pairs in one list.
  if (Array.isArray(extra)) return extra.filter((_, at) => at % 2 === 1 && isSetCookie(String(extra[at - 1])))
  if (typeof extra !== 'object' || extra === null) return []
  return Object.entries(extra as OutgoingHttpHeaders)
    .filter(([name]) => isSetCookie(name))
    .flatMap(([, value]) => value)
}

const isSetCookie = (name: string): boolean => name.toLowerCase() === 'set-cookie'
