// Which web pages may talk to the GraphQL endpoints from a browser.
import cors from 'cors'
import type { RequestHandler } from 'express'
import { type Config, LOOPBACK } from '../config'
import { sendJsonError } from './json-error'

/**
 * A browser names the page a request comes from in `Origin`: anything but our own and `ALLOWED_ORIGINS` gets 403 before
 * its body is read. Who sends none is no browser, or a page that could send no JSON. Allowed pages get their CORS headers.
 */
export function originGuard(config: Config): RequestHandler {
  const withCors = cors({
    origin: true,
    credentials: true,
    methods: ['POST'],
    exposedHeaders: ['Retry-After', 'X-Request-Id'],
    maxAge: 600,
  })
  return (request, response, next) => {
    const { origin } = request.headers
    if (origin === undefined) return next()
    if (!isAllowedOrigin(config, origin))
      return sendJsonError(response, 403, 'FORBIDDEN', 'This site may not send requests.')
    withCors(request, response, next)
  }
}

/** Our own pages, by whatever name this machine calls itself where PUBLIC_URL is a loopback address. */
function isAllowedOrigin({ publicUrl, allowedOrigins }: Config, origin: string): boolean {
  if (origin === publicUrl.origin || allowedOrigins.includes(origin)) return true
  if (!URL.canParse(origin) || !LOOPBACK.test(publicUrl.hostname)) return false
  const { protocol, hostname, port } = new URL(origin)
  return LOOPBACK.test(hostname) && protocol === publicUrl.protocol && port === publicUrl.port
}
