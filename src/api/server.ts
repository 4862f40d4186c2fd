// Builds the HTTP server; does not listen. The only place that says which handler stands behind which path.
import { createServer as createHttpServer, type Server } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { pickLocale } from '../messages'
import { type AccessRule, isAllowed, mustHaveRouteRules } from './access'
import type { Services } from './context'
import { type Door, methodsOf } from './door'
import { doors } from './doors'
import { TooLargeError } from './form-body'
import { graphiqlDoors, graphiqlPaths } from './graphiql'
import { graphqlDoor } from './graphql-door'
import { sendJsonError } from './json-error'
import { publicLimits, staffLimits } from './limits'
import { statusPage } from './pages/message-page'
import { progressStream } from './progress-stream'
import { requestId, withRequestId } from './request-id'
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

export async function createServer(services: Services, patience = PATIENCE): Promise<ApiServer> {
  const app = express()
  const http = createHttpServer({ ...patience, connectionsCheckingInterval: LOOK_MS }, app)
  app.disable('x-powered-by')
  app.use(withRequestId)
  app.use(helmet(headers(services.config.publicUrl)))
  app.use(refuseHuge)
  const publicSchema = await buildPublicSchema()
  const staffSchema = await buildStaffSchema()
  const publicDoor = await graphqlDoor(services, http, publicSchema, {
    isStaff: false,
    limits: publicLimits,
  })
  const staffDoor = await graphqlDoor(services, http, staffSchema, {
    isStaff: true,
    limits: staffLimits,
  })
  if (services.config.local) graphiqlDoors(app)
  app.post('/graphql', ...publicDoor.handlers)
  app.post('/graphql/staff', ...staffDoor.handlers)
  app.post('/graphql/staff/stream', ...progressStream(services, staffSchema))
  app.all(['/graphql', '/graphql/staff', '/graphql/staff/stream'], (_request, response) => {
    sendJsonError(response.set('Allow', 'POST'), 405, 'BAD_REQUEST', 'POST only')
  })
  const sdl = printSdl(publicSchema)
  app.get('/schema.graphql', (_request, response) => void response.type('text/plain').send(sdl))
  for (const door of doors) open(app, door, services)
  mustHaveRouteRules(app, routeRules)
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

/** Behind the GraphQL endpoints every field has a rule of its own; what graphiql.ts serves exists in local mode only. */
const routeRules: Readonly<Record<string, AccessRule>> = {
  '/graphql': 'ANYONE',
  '/graphql/staff': 'ANYONE',
  '/graphql/staff/stream': 'ANYONE',
  '/schema.graphql': 'ANYONE',
  ...Object.fromEntries(graphiqlPaths.map(path => [path, 'ANYONE'])),
  ...Object.fromEntries(doors.map(door => [door.path, door.access])),
}

function open(app: Express, door: Door, services: Services): void {
  const { GET, POST } = door
  // Doors know no log-in so far: one that needed it would stand open.
  if (!isAllowed(undefined, door.access))
    throw new Error(`${door.path} needs a log-in, which doors do not ask for`)
  if (GET) app.get(door.path, async (request, response) => GET(services, request, response))
  if (POST) app.post(door.path, async (request, response) => POST(services, request, response))
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
  status: 404 | 405 | 500 | 503,
): void {
  const locale = pickLocale(config.locales, acceptLanguage)
  const html = statusPage({ locale, siteName: config.siteName, status })
  response.status(status).set('Cache-Control', 'no-store').type('html').send(html)
}

/** Malformed and oversized bodies get their own codes; everything else is logged and told without detail. */
function lastResort(services: Services): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const status = Number((error as { status?: number }).status)
    if (status >= 400 && status < 500) {
      const code = status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST'
      const message = status === 413 ? 'The request is too large.' : 'The request was not understood.'
      return sendJsonError(response, status, code, message)
    }
    services.log.error({ err: error, requestId: requestId() }, 'a request failed')
    const isAway = isPassing(error)
    if (isAway) response.set('Retry-After', RETRY_AFTER_SECONDS)
    sendStatus(services, request.headers['accept-language'], response, isAway ? 503 : 500)
  }
}
