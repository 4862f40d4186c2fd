// The cookie that keeps a visitor's choice about cookies for six months: no id, the same for all who chose alike.
import type { Request, Response } from 'express'
import type { Config } from '../config'
import { cookieName } from '../privacy/cookies'
import { choiceEnds, readChoice, type VisitorChoice, writeChoice } from '../privacy/visitor-choice'

type Site = Pick<Config, 'publicUrl'>

const isSecure = ({ publicUrl }: Site): boolean => publicUrl.protocol === 'https:'
const nameOf = (site: Site): string => cookieName('choice', isSecure(site))

/** The choice the browser brought, if it is one that still counts. */
export function choiceOf(site: Site, request: Request, now = new Date()): VisitorChoice | undefined {
  const value = new RegExp(`(?:^|;\\s*)${nameOf(site)}=([^;\\s]+)`).exec(request.headers.cookie ?? '')?.[1]
  return readChoice(value, now)
}

export function setChoiceCookie(
  site: Site,
  response: Response,
  choice: VisitorChoice,
  now = new Date(),
): void {
  response.cookie(nameOf(site), writeChoice(choice), {
    path: '/',
    httpOnly: true,
    secure: isSecure(site),
    sameSite: 'lax',
    maxAge: choiceEnds(choice).getTime() - now.getTime(),
    encode: String,
  })
}
