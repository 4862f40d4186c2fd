// What an anonymous visitor chose about cookies. It is kept in the visitor's browser and nowhere else, and names nobody: the
// day, and a yes or no per purpose and version.
import { DateTime } from 'luxon'
import type { ShownPurpose } from '../consent/purposes'
import { ConsentStatus } from '../entities/consent'
import { PurposeKind } from '../entities/purpose'

export interface VisitorDecision {
  key: string
  version: number
  granted: boolean
}

export interface VisitorChoice {
  /** Of the choice, UTC, `2026-11-30`: a day says nothing about who chose. */
  day: string
  decisions: readonly VisitorDecision[]
}

/** standards §N. */
export const CHOICE_MONTHS = 6

const VALUE = /^\d{4}-\d\d-\d\d(\/[a-z0-9:-]{1,80}\.\d{1,9}\.[yn]){1,40}$/
/** Of one cookie, in every browser (RFC 6265 §6.1). */
const MAX_LENGTH = 4000

/** As it is kept: `2026-11-30/cookies-analytics.1.y`. */
export const writeChoice = ({ day, decisions }: VisitorChoice): string =>
  [day, ...decisions.map(one => [one.key, one.version, one.granted ? 'y' : 'n'].join('.'))].join('/')

/** The choice of a kept value; undefined for anything else, for one of the future and for one older than six months. */
export function readChoice(value: string | undefined, now: Date): VisitorChoice | undefined {
  if (!value || value.length > MAX_LENGTH || !VALUE.test(value)) return undefined
  const [day = '', ...parts] = value.split('/')
  const choice: VisitorChoice = { day, decisions: parts.map(readDecision) }
  const made = dayOf(choice)
  const isThen = made.isValid && made.toJSDate() <= now && choiceEnds(choice) > now
  return isThen ? choice : undefined
}

function readDecision(part: string): VisitorDecision {
  const [key = '', version = '', answer] = part.split('.')
  return { key, version: Number(version), granted: answer === 'y' }
}

const dayOf = ({ day }: VisitorChoice): DateTime => DateTime.fromISO(day, { zone: 'utc' })

/** When it is asked again. */
export const choiceEnds = (choice: VisitorChoice): Date =>
  dayOf(choice).plus({ months: CHOICE_MONTHS }).toJSDate()

export const today = (now: Date): string => now.toISOString().slice(0, 10)

const COOKIE_KINDS = [PurposeKind.ANALYTICS_COOKIES, PurposeKind.ADVERTISING_COOKIES]

/** The purposes a visitor is asked about; where a site has none there is nothing to ask. */
export const cookiePurposes = (purposes: readonly ShownPurpose[]): ShownPurpose[] =>
  purposes.filter(({ purpose }) => COOKIE_KINDS.includes(purpose.kind))

export interface Asked {
  shown: ShownPurpose
  /** GRANTED, REFUSED, or NOT_ASKED: a yes to words that have changed since is none. */
  status: ConsentStatus
}

/** Where the visitor stands. The browser's signal (Global Privacy Control) is a no to all, whatever was chosen before. */
export function standingOf(
  purposes: readonly ShownPurpose[],
  choice: VisitorChoice | undefined,
  isSignalled: boolean,
): Asked[] {
  return cookiePurposes(purposes).map(shown => {
    if (isSignalled) return { shown, status: ConsentStatus.REFUSED }
    const { purpose, words } = shown
    const made = choice?.decisions.find(one => one.key === purpose.key)
    if (made?.version !== words.version) return { shown, status: ConsentStatus.NOT_ASKED }
    return { shown, status: made.granted ? ConsentStatus.GRANTED : ConsentStatus.REFUSED }
  })
}
