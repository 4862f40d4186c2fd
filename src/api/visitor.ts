// Where an anonymous visitor stands about cookies: what the browser brought, and the purposes there are now. Nothing is stored.
import type { Request } from 'express'
import { type ShownPurpose, shownPurposes } from '../consent/purposes'
import { ConsentStatus } from '../entities/consent'
import { type Asked, cookiePurposes, standingOf, type VisitorChoice } from '../privacy/visitor-choice'
import { hasOptedOut } from './browser-signal'
import { choiceOf } from './choice-cookie'
import type { Services } from './context'

export interface Visitor {
  asked: Asked[]
  choice: VisitorChoice | undefined
  /** The browser says no to all by itself. */
  isSignalled: boolean
  /** Something has not been decided in its present words. */
  askAgain: boolean
}

/** The visitor behind this request; `choice` instead of the cookie's where a client keeps it itself. */
export async function visitorOf(
  services: Services,
  request: Request,
  { locale, locales }: { locale: string; locales: readonly string[] },
  choice = choiceOf(services.config, request),
): Promise<Visitor> {
  const isSignalled = hasOptedOut(request)
  const asked = standingOf(await shownPurposes(services.db.manager, locale, locales), choice, isSignalled)
  return {
    asked,
    choice,
    isSignalled,
    askAgain: asked.some(({ status }) => status === ConsentStatus.NOT_ASKED),
  }
}

/** What is written on a form: the purposes it showed with their versions, and those that were said yes to. */
export interface Answer {
  shown: ReadonlyMap<string, number>
  isYes: (key: string) => boolean
}

/** A decision on every purpose there is. A purpose that was not shown is no; `stale` when words have changed since. */
export function decide(purposes: readonly ShownPurpose[], { shown, isYes }: Answer) {
  const decisions = cookiePurposes(purposes).map(({ purpose: { key }, words: { version } }) => {
    const wanted = shown.has(key) && isYes(key)
    return { key, version, granted: wanted, isStale: wanted && shown.get(key) !== version }
  })
  if (decisions.some(({ isStale }) => isStale)) return 'stale' as const
  return decisions.map(({ key, version, granted }) => ({ key, version, granted }))
}
