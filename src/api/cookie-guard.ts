import type { RequestHandler } from 'express'
import type { Config } from '../config'
import { isFromOwnPage } from './own-origin'
import { readerCookie } from './reader-cookie'

/** A request that carries a session cookie is refused unless it is JSON from one of our own pages, before it is read. */
export function cookieGuard(config: Pick<Config, 'publicUrl'>): RequestHandler {
  return (request, response, next) => {
    if (readerCookie(config, request) === undefined) return next()
    if (request.is('application/json') && isFromOwnPage(request, config.publicUrl)) return next()
    const message = 'This request did not come from this site.'
    response.status(403).json({ errors: [{ message, extensions: { code: 'FORBIDDEN' } }] })
  }
}
