// Who is asking, in which language, and what a resolver may use.
import { createHash } from 'node:crypto'
import type { Request } from 'express'
import type { Config } from '../config'
import type { Connections } from '../connections'
import { siteLocales, siteOf } from '../consent/first-start'
import type { Site } from '../entities/site'
import { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import type { Log } from '../log'
import { pickLocale } from '../messages'
import { createLoaders, type Loaders } from './loaders'

export interface Services extends Connections {
  config: Config
  log: Log
}

export interface ApiContext extends Services {
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
  const session = await db.manager.findOneBy(StaffSession, { tokenHash: hashAccessToken(token) })
  if (!session || session.expiresAt <= new Date()) return undefined
  const staff = await db.manager.findOneBy(StaffUser, { id: session.staffId })
  return staff && !staff.disabledAt ? { staff, session } : undefined
}

/** Only this is stored of an access token. */
export const hashAccessToken = (token: string): Buffer => createHash('sha256').update(token).digest()
