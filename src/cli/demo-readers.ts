// The demo's thousand people: who said yes to what, when, and what became of it.
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import type { ConsentFact } from '../consent/ledger'
import { PERSONALISATION_KEY, topicPurposeKey } from '../consent/purposes'
import { SuppressionReason } from '../entities/suppression'
import type { Keyring } from '../secrets/keyring'
import { insertReaders, type ReaderPlan } from './bulk-readers'
import {
  askedAndGiven,
  type Evidence,
  refused,
  renewed,
  type Shown,
  shownWords,
  signUpEvidence,
  withdrawn,
} from './consent-history'
import { insertPending } from './demo-pending'
import { type DemoPerson, demoPerson } from './demo-people'
import { publishDemoPolicy } from './demo-policy'
import { type Chance, createChance } from './demo-random'
import { type DemoState, demoStates, PENDING_COUNT, POLICY_CHANGED_DAYS_AGO } from './demo-states'
import { LETTERS, likesLetters } from './demo-third-party'
import { demoTopics } from './demo-topics'

const DAY_MS = 86_400_000
const ALLOWS_NAME = 0.64
/** The share that said yes to each topic, in the order of the topics. */
const topicShares = [0.78, 0.43, 0.29]

/** What readers saw, by locale: under the first policy and under the second. */
type Words = Map<string, { early: Map<string, Shown>; late: Map<string, Shown> }>

/** Writes them all with their whole history; the first topic is the one everybody with a story said yes to. */
export async function insertDemoReaders(db: DataSource, keyring: Keyring, config: Config): Promise<number> {
  const chance = createChance(214)
  const words = await publishWords(db, config)
  const states = chance.shuffle(demoStates.flatMap(state => Array<DemoState>(state.count).fill(state)))
  const plans = states.map((state, index) =>
    planOf(state, demoPerson(index + 1, chance, config.locales), words, chance, config),
  )
  const count = await insertReaders(
    db,
    keyring,
    plans.sort((a, b) => a.confirmedAt.getTime() - b.confirmedAt.getTime()),
  )
  const people = Array.from({ length: PENDING_COUNT }, (_, index) =>
    demoPerson(count + index + 1, chance, config.locales),
  )
  await insertPending(db, keyring, config, people, chance)
  return count + people.length
}

async function publishWords(db: DataSource, config: Config): Promise<Words> {
  const changedAt = new Date(Date.now() - POLICY_CHANGED_DAYS_AGO * DAY_MS)
  const number = await publishDemoPolicy(db, config, changedAt)
  const words: Words = new Map()
  for (const locale of config.locales)
    words.set(locale, {
      early: await shownWords(db.manager, locale, config.locales, number - 1),
      late: await shownWords(db.manager, locale, config.locales, number),
    })
  return words
}

function planOf(
  state: DemoState,
  person: DemoPerson,
  words: Words,
  chance: Chance,
  config: Config,
): ReaderPlan {
  const seen = words.get(person.locale) ?? [...words.values()][0]
  if (!seen) throw new Error('The site has no language')
  const daysAgo = (range: readonly [number, number]) =>
    new Date(Date.now() - chance.whole(range[0] * DAY_MS, range[1] * DAY_MS))
  const confirmedAt = daysAgo(state.confirmed)
  const granted = grantedKeys(state, person, chance)
  const evidence = signUpEvidence(person.locale, config.minimumAge)
  const facts = signUpFacts(state.isEarly ? seen.early : seen.late, granted, confirmedAt, evidence, chance)
  const later = laterFacts(state, seen.late, granted, daysAgo, evidence)
  const plan: ReaderPlan = { ...person, confirmedAt, facts: [...facts, ...later] }
  if (state.isPaused) plan.pausedUntil = new Date(Date.now() + chance.whole(3 * DAY_MS, 60 * DAY_MS))
  const leftAt = later.find(fact => fact.toState === 'ConsentWithdrawn')?.at
  if (state.left?.scope === 'everything' && leftAt)
    plan.suppression = { reason: SuppressionReason.UNSUBSCRIBED_ALL, at: leftAt, note: null }
  if (state.suppressed) {
    const { reason, note } = state.suppressed
    plan.suppression = { reason: SuppressionReason[reason], at: daysAgo([1, 25]), note }
  }
  return plan
}

/** Ordinary readers said yes to one, two or three topics; those with a story at least to the first. */
function grantedKeys(state: DemoState, person: DemoPerson, chance: Chance): Set<string> {
  const isOrdinary = state === demoStates[0]
  const keys = demoTopics.map(topic => topicPurposeKey(topic.slug))
  const chosen = keys.filter((_, index) => chance.happens(topicShares[index] ?? 0))
  if (chosen.length === 0 || !isOrdinary) chosen.push(...keys.slice(0, 1))
  if (person.name && chance.happens(ALLOWS_NAME)) chosen.push(PERSONALISATION_KEY)
  if (likesLetters(person.email)) chosen.push(LETTERS)
  return new Set(chosen)
}

/** Every purpose was asked for by itself; what was not ticked is a no that is kept too. */
function signUpFacts(
  seen: Map<string, Shown>,
  granted: Set<string>,
  givenAt: Date,
  evidence: Evidence,
  chance: Chance,
): ConsentFact[] {
  const askedAt = new Date(givenAt.getTime() - chance.whole(40_000, 20 * 3_600_000))
  const facts = [...seen].flatMap(([key, shown]) =>
    granted.has(key)
      ? askedAndGiven(shown, { askedAt, givenAt }, evidence)
      : [refused(shown, askedAt, evidence)],
  )
  return facts.sort((a, b) => a.at.getTime() - b.at.getTime())
}

function laterFacts(
  state: DemoState,
  seen: Map<string, Shown>,
  granted: Set<string>,
  daysAgo: (range: readonly [number, number]) => Date,
  evidence: Evidence,
): ConsentFact[] {
  const yeses = [...granted].flatMap(key => seen.get(key) ?? [])
  if (state.renewed) {
    const at = daysAgo(state.renewed)
    return yeses.map(shown => renewed(shown, at, evidence))
  }
  if (!state.left) return []
  const at = daysAgo(state.left.ago)
  const first = seen.get(topicPurposeKey(demoTopics[0]?.slug ?? ''))
  const ended = state.left.scope === 'topic' && first ? [first] : yeses
  return ended.map(shown => withdrawn(shown, at))
}
