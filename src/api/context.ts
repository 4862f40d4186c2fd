// Who is asking, in which language, and what a resolver may use.
import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Config } from '../config'
import type { Connections } from '../connections'
import { findApiKey, isApiKey } from '../consent/api-keys'
import { siteLocales, siteOf } from '../consent/first-start'
import { findSession, keepAlive } from '../consent/reader-sessions'
import { findStaffSession, touchStaffSession } from '../consent/staff-session'
import type { ApiKey } from '../entities/api-key'
import type { Reader } from '../entities/reader'
import type { ReaderSession } from '../entities/reader-session'
import { SessionTransport } from '../entities/session-transport'
import type { Site } from '../entities/site'
import type { StaffSession } from '../entities/staff-session'
import type { StaffUser } from '../entities/staff-user'
import type { Log } from '../log'
import { pickLocale } from '../messages'
import { hashToken } from '../secrets/opaque-token'
import { type Client, clientOf } from './client'
import { createLoaders, type Loaders } from './loaders'
import type { RateLimits } from './rate-limits'
import { readerCookie } from './reader-cookie'
import { staffCookieOf } from './staff-cookie'

export interface Services extends Connections {
  config: Config
  log: Log
  limits: RateLimits
}

export interface ApiContext extends Services {
  client: Client
  site: Site
  locales: string[]
  /** The reader's or editor's language: texts of errors and of purposes. */
  locale: string
  staff: StaffUser | undefined
  /** Instead of staff: a program, which may do what its scopes name and nothing else. */
  apiKey: ApiKey | undefined
  session: StaffSession | undefined
  /** Who is logged in on the public endpoint, and by which session. */
  reader: Reader | undefined
  readerSession: ReaderSession | undefined
  /** Ids of the readers whose address and name an admin may see in this request: it has been written down. */
  shown: Set<number>
  loaders: Loaders
  /** Names this request in audit events. */
  requestId: string
  /** The network address the request came from. */
  clientIp: string
  /** Whether it may be given a cookie. */
  request: Request
  /** Where cookies are set; a stream has none. */
  response: Response | undefined
}

/** Builds the context of one request. Staff are looked up only where the staff schema is served, readers only elsewhere. */
export async function createContext(
  services: Services,
  request: Request,
  isStaff: boolean,
  response?: Response,
): Promise<ApiContext> {
  const site = await siteOf(services.db.manager)
  const locales = siteLocales(site)
  const locale = pickLocale(locales, request.headers['accept-language'])
  const login = isStaff ? await staffOf(services, request) : await readerOf(services, request)
  return {
    ...services,
    client: clientOf(services, request, login !== undefined && 'apiKey' in login),
    site,
    locales,
    locale,
    ...nobody,
    ...login,
    shown: new Set(),
    loaders: createLoaders(services.db, locales),
    requestId: randomUUID(),
    clientIp: request.ip ?? '',
    request,
    response,
  }
}

const nobody = {
  staff: undefined,
  session: undefined,
  apiKey: undefined,
  reader: undefined,
  readerSession: undefined,
}

const bearerOf = (request: Request): string | undefined =>
  /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1]

/** Whose staff log-in or which API key the request carries; undefined without a valid one. */
export async function staffOf({ db, config }: Services, request: Request) {
  const bearer = bearerOf(request)
  if (bearer && isApiKey(bearer)) {
    const apiKey = await findApiKey(db.manager, bearer)
    return apiKey && { apiKey }
  }
  const token = bearer ?? staffCookieOf(config, request)
  const login = token ? await findStaffSession(db.manager, hashToken(token)) : undefined
  // A cookie's value is not good as a bearer token, nor the other way round.
  const transport = bearer ? SessionTransport.BEARER : SessionTransport.COOKIE
  if (login?.session.transport !== transport) return undefined
  await touchStaffSession(db.manager, login.session)
  return login
}

/** A request that brings an `Authorization` header means that one, whatever cookie the browser added. */
async function readerOf({ db, config }: Services, request: Request) {
  const bearer = bearerOf(request)
  const cookie = request.headers.authorization === undefined ? readerCookie(config, request) : undefined
  const token = bearer ?? cookie
  if (!token) return undefined
  const transport = bearer ? SessionTransport.BEARER : SessionTransport.COOKIE
  const found = await findSession(db.manager, transport, token)
  if (!found) return undefined
  // Looking at a page changes nothing about a person, not even how long their log-in lasts (I9).
  if (cookie && request.method === 'POST') await keepAlive(db.manager, found.session)
  return { reader: found.reader, readerSession: found.session }
}
