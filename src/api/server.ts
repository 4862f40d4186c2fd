// Builds the HTTP server; does not listen. The only place that says which handler stands behind which path.
import { createServer as createHttpServer, type Server } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { pickLocale } from '../messages'
import { type AccessRule, isAllowed, mustHaveRouteRules } from './access'
import { admission, bodyDeadline, deadline, dropWhenLate, limitConnections, type Refuse } from './admission'
import { clientOf } from './client'
import type { Services } from './context'
import { type Door, methodsOf } from './door'
import { doors } from './doors'
import { RateLimitError, UnavailableError } from './errors'
import { eventStream } from './event-stream'
import { TooLargeError } from './form-body'
import { graphiqlDoors, graphiqlPaths } from './graphiql'
import { type GraphqlDoor, graphqlDoor } from './graphql-door'
import { sendBusy, sendJsonError } from './json-error'
import { publicLimits, staffLimits } from './limits'
import { originGuard } from './origin-guard'
import { statusPage } from './pages/message-page'
import { createRateLimits } from './rate-limits'
import { onlyRegisteredCookies } from './registered-cookies'
import { requestId, withRequestId } from './request-id'
import { buildPublicSchema, buildStaffSchema, printPublicSchema } from './schema'
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
/**
 * An idle connection stays longer than proxies keep theirs (nginx and AWS 60 s, Traefik 90 s, Caddy 120 s by default):
 * otherwise it may close just when a proxy sends a withdrawal on it, and the mail client gets a 502.
 */
const IDLE_MS = 125_000

export async function createServer(parts: Omit<Services, 'limits'>, patience = PATIENCE): Promise<ApiServer> {
  const { redis, keyring, config, log } = parts
  const services: Services = { ...parts, limits: createRateLimits(redis, keyring, config, log) }
  const app = express()
  app.set('trust proxy', config.trustedProxies)
  const { headersTimeout, requestTimeout } = patience
  // Node's own limit to a whole request would also end uploads.
  const looks = { headersTimeout, requestTimeout: 0, connectionsCheckingInterval: LOOK_MS }
  const http = createHttpServer({ ...looks, keepAliveTimeout: IDLE_MS }, app)
  const isTrusted = app.get('trust proxy fn') as (address: string, hop: number) => boolean
  limitConnections(http, config.connectionLimits, address => isTrusted(address, 0), log)
  app.disable('x-powered-by')
  app.use(withRequestId)
  app.use(helmet(headers(config.publicUrl)), keepNothing, onlyRegisteredCookies(config.publicUrl))
  const refuse: Refuse = (request, response) => {
    response.set('Retry-After', RETRY_AFTER_SECONDS)
    sendStatus(services, request.headers['accept-language'], response, 503)
  }
  for (const door of doors.filter(one => one.isUpload))
    open(app, door, services, [admission(MAX_UPLOADS, refuse)])
  app.use(bodyDeadline(requestTimeout), refuseHuge)
  const endpoints = await openEndpoints(app, http, services)
  const limited = [deadline(config.requestMs, refuse), admission(config.maxRequests, refuse)]
  for (const door of doors.filter(one => !one.isUpload))
    open(app, door, services, door.isWithdrawal ? [] : limited)
  mustHaveRouteRules(app, routeRules)
  app.use((request, response) => sendStatus(services, request.headers['accept-language'], response, 404))
  app.use(dropWhenLate, lastResort(services))
  return {
    http,
    async stop() {
      await Promise.all(endpoints.map(one => one.stop()))
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

const ENDPOINTS = ['/graphql', '/graphql/stream', '/graphql/staff', '/graphql/staff/stream']
/** Each is a look at the database every second. */
const MAX_STREAMS = 100
/** Each is as much work as the database can do. */
const MAX_UPLOADS = 2

async function openEndpoints(app: Express, http: Server, services: Services): Promise<GraphqlDoor[]> {
  const { config } = services
  const kinds = [
    { path: '/graphql', schema: await buildPublicSchema(), isStaff: false, limits: publicLimits },
    { path: '/graphql/staff', schema: await buildStaffSchema(), isStaff: true, limits: staffLimits },
  ]
  if (config.local) graphiqlDoors(app)
  app.use(ENDPOINTS, originGuard(config))
  const opened: GraphqlDoor[] = []
  for (const { path, schema, ...kind } of kinds) {
    const door = await graphqlDoor(services, http, schema, kind)
    opened.push(door)
    app.post(path, deadline(config.requestMs, sendBusy), ...door.handlers)
    app.post(`${path}/stream`, admission(MAX_STREAMS, sendBusy), ...eventStream(services, schema, kind))
  }
  app.all(ENDPOINTS, (_request, response) => {
    sendJsonError(response.set('Allow', 'POST'), 405, 'BAD_REQUEST', 'POST only')
  })
  const sdl = await printPublicSchema()
  app.get('/schema.graphql', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').type('text/plain').send(sdl)
  })
  return opened
}

/** Behind the GraphQL endpoints every field has a rule of its own; what graphiql.ts serves exists in local mode only. */
const routeRules: Readonly<Record<string, AccessRule>> = {
  '/graphql': 'ANYONE',
  '/graphql/stream': 'ANYONE',
  '/graphql/staff': 'ANYONE',
  '/graphql/staff/stream': 'ANYONE',
  '/schema.graphql': 'ANYONE',
  ...Object.fromEntries(graphiqlPaths.map(path => [path, 'ANYONE'])),
  ...Object.fromEntries(doors.map(door => [door.path, door.access])),
}

function open(app: Express, door: Door, all: Services, limited: RequestHandler[]): void {
  const { GET, POST, PUT } = door
  const services = door.isWithdrawal ? { ...all, db: all.withdrawals } : all
  // Doors know no log-in so far: one that needed it would stand open.
  if (!isAllowed(undefined, door.access))
    throw new Error(`${door.path} needs a log-in, which doors do not ask for`)
  if (GET) app.get(door.path, ...limited, async (request, response) => GET(services, request, response))
  if (POST)
    app.post(door.path, ...limited, async (request, response) => {
      if (!door.isWithdrawal) await services.limits.call(door.path, clientOf(services, request))
      await POST(services, request, response)
    })
  if (PUT)
    app.put(door.path, ...limited, async (request, response) => {
      await services.limits.call(door.path, clientOf(services, request))
      await PUT(services, request, response)
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

/** What may be kept says so itself. */
const keepNothing: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}

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
      return sendJsonError(response, status, code, message)
    }
    const { status: answer, retryAfter } = failureOf(error)
    if (answer !== 429) services.log.error({ err: error, requestId: requestId() }, 'a request failed')
    if (retryAfter) response.set('Retry-After', retryAfter)
    sendStatus(services, request.headers['accept-language'], response, answer)
  }
}
