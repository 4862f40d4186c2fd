// The cookie of a staff log-in in a browser: opaque, invisible to scripts, sent to this host alone (reliability §4.4).
import type { Request, Response } from 'express'
import type { Config } from '../config'
import { cookieName } from '../privacy/cookies'

type PublicUrl = Pick<Config, 'publicUrl'>

const isSecure = ({ publicUrl }: PublicUrl): boolean => publicUrl.protocol === 'https:'

const nameOf = (config: PublicUrl): string => cookieName('staff', isSecure(config))

/** The token in the request's cookie; cookie-guard.ts has seen to it that one of our own pages sent it. */
export const staffCookieOf = (config: PublicUrl, { headers }: Request): string | undefined =>
  new RegExp(`(?:^|;\\s*)${nameOf(config)}=([\\w-]{20,100})(?:;|$)`).exec(headers.cookie ?? '')?.[1]

/** Sets it for as long as the browser runs; the server's own limits end it earlier. An empty token removes it. */
export function setStaffCookie(config: PublicUrl, response: Response | undefined, token: string): void {
  const parts = [`${nameOf(config)}=${token}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']
  if (isSecure(config)) parts.push('Secure')
  if (token === '') parts.push('Max-Age=0')
  response?.append('Set-Cookie', parts.join('; '))
}
