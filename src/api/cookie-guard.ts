import type { RequestHandler } from 'express'
import type { Config } from '../config'
import { sendJsonError } from './json-error'
import { isFromOwnPage } from './own-origin'
import { readerCookie } from './reader-cookie'
import { staffCookieOf } from './staff-cookie'

/**
 * A request that carries a reader's or staff's cookie is refused unless it is JSON from one of our own pages, before it is
 * read: the one check (CSRF) behind every endpoint that knows a cookie.
 */
export function cookieGuard(config: Pick<Config, 'publicUrl'>): RequestHandler {
  return (request, response, next) => {
    if (!readerCookie(config, request) && !staffCookieOf(config, request)) return next()
    if (request.is('application/json') && isFromOwnPage(request, config.publicUrl)) return next()
    sendJsonError(response, 403, 'FORBIDDEN', 'This request did not come from this site.')
  }
}
