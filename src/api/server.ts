// Builds the HTTP server; does not listen. The only place that says which handler stands behind which path.
import { createServer as createHttpServer, type Server } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { pickLocale } from '../messages'
import { isAllowed } from './access'
import { clientOf } from './client'
import type { Services } from './context'
import { type Door, methodsOf } from './door'
import { doors } from './doors'
import { RateLimitError, UnavailableError } from './errors'
import { TooLargeError } from './form-body'
import { graphiqlDoors } from './graphiql'
import { graphqlDoor } from './graphql-door'
import { statusPage } from './pages/message-page'
import { progressStream } from './progress-stream'
import { createRateLimits } from './rate-limits'
import { buildPublicSchema, buildStaffSchema, printSdl } from './schema'
import { isPassing, RETRY_AFTER_SECONDS } from './unavailable'

export interface ApiServer {
  http: Server
  /** Ends open requests and streams. */
  stop(): Promise<void>
}

/**
 * How long a client may take to say what it wants, in ms; then it gets 408. Looked at every second, where Node by default
 * takes half a minute. Headers above 16 kB get 431 (Node's own limit); each door limits its bodies, with 413.
 */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000 }
const LOOK_MS = 1_000

export async function createServer(
  parts: Omit<Services, 'limits'>,
  patience = PATIENCE,
): Promise<ApiServer> {
  const { redis, keyring, config, log } = parts
  const services: Services = { ...parts, limits: createRateLimits(redis, keyring, config, log) }
  const app = express()
  app.set('trust proxy', config.trustedProxies)
  const http = createHttpServer({ ...patience, connectionsCheckingInterval: LOOK_MS }, app)
  app.disable('x-powered-by')
  app.use(helmet(headers(services.config.publicUrl)))
  app.use(refuseHuge)
  const publicSchema = await buildPublicSchema()
  const staffSchema = await buildStaffSchema()
  const publicDoor = await graphqlDoor(services, http, publicSchema, { isStaff: false, limit: '64kb' })
  const staffDoor = await graphqlDoor(services, http, staffSchema, {
    isStaff: true,
    limit: '2mb',
  })
  if (services.config.local) graphiqlDoors(app)
  app.post('/graphql', ...publicDoor.handlers)
  app.post('/graphql/staff', ...staffDoor.handlers)
  app.post('/graphql/staff/stream', ...progressStream(services, staffSchema))
  app.all(['/graphql', '/graphql/staff', '/graphql/staff/stream'], (_request, response) => {
    response
      .status(405)
      .set('Allow', 'POST')
      .json({ errors: [{ message: 'POST only', extensions: { code: 'BAD_REQUEST' } }] })
  })
  const sdl = printSdl(publicSchema)
  app.get('/schema.graphql', (_request, response) => void response.type('text/plain').send(sdl))
  for (const door of doors) open(app, door, services)
  app.use((request, response) => sendStatus(services, request.headers['accept-language'], response, 404))
  app.use(lastResort(services))
  return {
    http,
    async stop() {
      await Promise.all([publicDoor.stop(), staffDoor.stop()])
      http.closeAllConnections()
    },
  }
}

/** More than any door takes; a withdrawal is done whatever comes with it. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** One that is announced as larger is not read at all: the parsers would listen to its end before they answer. */
const refuseHuge: RequestHandler = (request, response, next) => {
  if (Number(request.headers['content-length'] ?? 0) <= MAX_BODY_BYTES) return next()
  response.set('Connection', 'close')
  next(new TooLargeError())
}

function open(app: Express, door: Door, services: Services): void {
  const { GET, POST } = door
  // Doors know no log-in so far: one that needed it would stand open.
  if (!isAllowed(undefined, door.access))
    throw new Error(`${door.path} needs a log-in, which doors do not ask for`)
  if (GET) app.get(door.path, async (request, response) => GET(services, request, response))
  if (POST)
    app.post(door.path, async (request, response) => {
      if (!door.isWithdrawal) await services.limits.call(door.path, clientOf(services, request))
      await POST(services, request, response)
    })
  app.all(door.path, (request, response) => {
    response.set('Allow', methodsOf(door).join(', '))
    sendStatus(services, request.headers['accept-language'], response, 405)
  })
}

/** The pages' own rules (reliability §4.4): nothing but our style sheet and forms to ourselves. */
const headers = (publicUrl: URL): Parameters<typeof helmet>[0] => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  strictTransportSecurity: publicUrl.protocol === 'https:' ? { maxAge: 31_536_000 } : false,
})

function sendStatus(
  { config }: Services,
  acceptLanguage: string | undefined,
  response: express.Response,
  status: 404 | 405 | 429 | 500 | 503,
): void {
  const locale = pickLocale(config.locales, acceptLanguage)
  const html = statusPage({ locale, siteName: config.siteName, status })
  response.status(status).set('Cache-Control', 'no-store').type('html').send(html)
}

/** What is told of a request that failed, and when it is worth sending again. */
function failureOf(error: unknown): { status: 429 | 500 | 503; retryAfter?: string } {
  if (error instanceof RateLimitError) return { status: 429, retryAfter: String(error.retryAfterSeconds) }
  const isAway = error instanceof UnavailableError || isPassing(error)
  return isAway ? { status: 503, retryAfter: RETRY_AFTER_SECONDS } : { status: 500 }
}

/** Malformed and oversized bodies get their own codes; everything else is logged and told without detail. */
function lastResort(services: Services): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const status = Number((error as { status?: number }).status)
    if (status >= 400 && status < 500) {
      const code = status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST'
      const message = status === 413 ? 'The request is too large.' : 'The request was not understood.'
      response.status(status).json({ errors: [{ message, extensions: { code } }] })
      return
    }
    const { status: answer, retryAfter } = failureOf(error)
    if (answer !== 429) services.log.error({ err: error }, 'a request failed')
    if (retryAfter) response.set('Retry-After', retryAfter)
    sendStatus(services, request.headers['accept-language'], response, answer)
  }
}
