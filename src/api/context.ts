// Who is asking, in which language, and what a resolver may use.
import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { type EntityManager, IsNull, MoreThan } from 'typeorm'
import type { Config } from '../config'
import type { Connections } from '../connections'
import { siteLocales, siteOf } from '../consent/first-start'
import type { Site } from '../entities/site'
import { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import type { Log } from '../log'
import { pickLocale } from '../messages'
import { type Client, clientOf } from './client'
import { createLoaders, type Loaders } from './loaders'
import type { RateLimits } from './rate-limits'

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
  session: StaffSession | undefined
  loaders: Loaders
}

/** Builds the context of one request. Staff are looked up only where the staff schema is served. */
export async function createContext(
  services: Services,
  request: Request,
  isStaff: boolean,
): Promise<ApiContext> {
  const site = await siteOf(services.db.manager)
  const locales = siteLocales(site)
  const locale = pickLocale(locales, request.headers['accept-language'])
  const login = isStaff ? await staffOf(services, request) : undefined
  return {
    ...services,
    client: clientOf(services, request),
    site,
    locales,
    locale,
    ...noStaff,
    ...login,
    loaders: createLoaders(services.db, locales),
  }
}

const noStaff = { staff: undefined, session: undefined }

async function staffOf({ db }: Services, request: Request) {
  const token = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1]
  if (!token) return undefined
  return sessionStaff(db.manager, hashAccessToken(token))
}

/** The log-in with this token and who it is; undefined once it ended, ran out or its owner was disabled. */
export async function sessionStaff(
  db: EntityManager,
  tokenHash: Buffer,
): Promise<{ staff: StaffUser; session: StaffSession } | undefined> {
  const session = await db.findOneBy(StaffSession, { tokenHash, expiresAt: MoreThan(new Date()) })
  const staff = session && (await db.findOneBy(StaffUser, { id: session.staffId, disabledAt: IsNull() }))
  return session && staff ? { staff, session } : undefined
}

/** Only this is stored of an access token. */
export const hashAccessToken = (token: string): Buffer => createHash('sha256').update(token).digest()
