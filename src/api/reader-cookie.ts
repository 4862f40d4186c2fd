// The cookie of a reader who logged in on the web: an opaque id, for this host alone, out of reach of scripts.
import type { CookieOptions, Request, Response } from 'express'
import type { Config } from '../config'
import { COOKIE_DAYS } from '../consent/reader-sessions'
import { cookieName } from '../privacy/cookies'

type Site = Pick<Config, 'publicUrl'>

const isSecure = ({ publicUrl }: Site): boolean => publicUrl.protocol === 'https:'

const nameOf = (site: Site): string => cookieName('reader', isSecure(site))

const optionsOf = (site: Site): CookieOptions => ({
  path: '/',
  httpOnly: true,
  secure: isSecure(site),
  sameSite: 'lax',
})

/** The id in the request's cookie, if it looks like one. */
export const readerCookie = (site: Site, request: Request): string | undefined =>
  new RegExp(`(?:^|;\\s*)${nameOf(site)}=([\\w-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1]

export function setReaderCookie(site: Site, response: Response | undefined, token: string): void {
  response?.cookie(nameOf(site), token, { ...optionsOf(site), maxAge: COOKIE_DAYS * 86_400_000 })
}

export function clearReaderCookie(site: Site, response: Response | undefined): void {
  response?.clearCookie(nameOf(site), optionsOf(site))
}
