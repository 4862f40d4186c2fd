// The next policy version while it is being written, and its publication in every locale at once.
import { type EntityManager, In } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { PolicyDraft } from '../entities/policy-draft'
import { PolicyVersion } from '../entities/policy-version'
import { Site } from '../entities/site'
import { databaseTime } from '../transaction'
import { siteLocales } from './first-start'
import { lastVersion, type PolicyText, type Publication, publishPolicy } from './policies'

export type DraftText = Omit<PolicyText, 'publicId'> & { version: string }

export type DraftSaved =
  | { kind: 'saved'; draft: PolicyDraft }
  | { kind: 'published' }
  | { kind: 'not-found' }
  /** Only the version after the last published one can be written. */
  | { kind: 'wrong-version'; next: number }
  /** Another draft holds this locale of the version. */
  | { kind: 'locale-taken' }

/** Saves one locale of the next version: a new draft, or (with its public id) one that is there already. */
export async function savePolicyDraft(
  tx: EntityManager,
  id: string | undefined,
  { version, ...text }: DraftText,
): Promise<DraftSaved> {
  await lockSite(tx)
  const next = (await lastVersion(tx)) + 1
  const known = id === undefined ? undefined : await tx.findOneBy(PolicyDraft, { publicId: id })
  if (id !== undefined && !known) return missing(tx, id)
  if (version !== String(next)) return { kind: 'wrong-version', next }
  const other = await tx.findOneBy(PolicyDraft, { number: next, locale: text.locale })
  if (other && other.id !== known?.id) return { kind: 'locale-taken' }
  const draft = known ?? tx.create(PolicyDraft, { publicId: uuidv7(), number: next })
  const changeSummary = text.changeSummary?.trim() || null
  Object.assign(draft, text, { changeSummary, savedAt: await databaseTime(tx) })
  return { kind: 'saved', draft: await tx.save(draft) }
}

export type Published =
  | { kind: 'published'; policy: PolicyVersion }
  | { kind: 'already' }
  | { kind: 'not-found' }
  | { kind: 'locales-missing'; locales: string[] }
  /** Before now, before the version before it, or more than a year ahead. */
  | { kind: 'wrong-moment' }

/** A client's clock may run a little behind ours: then it is now. */
const PAST_TOLERANCE_MS = 60_000
const FURTHEST_MS = 366 * 86_400_000

/**
 * Publishes every locale of the draft's version, for good. The site's row is held alone, as gates share it: when this
 * commits and the version is in force, no gate passes that has not seen it.
 */
export async function publishDrafts(
  tx: EntityManager,
  id: string,
  { effectiveAt, requiresReconsent }: Publication,
): Promise<Published> {
  const site = await lockSite(tx)
  const draft = await tx.findOneBy(PolicyDraft, { publicId: id })
  if (!draft) return missing(tx, id).then(({ kind }) => ({ kind: kind === 'published' ? 'already' : kind }))
  const drafts = await tx.findBy(PolicyDraft, { number: draft.number })
  const locales = siteLocales(site).filter(locale => !drafts.some(one => one.locale === locale))
  if (locales.length > 0) return { kind: 'locales-missing', locales }
  const moment = await allowedMoment(tx, effectiveAt)
  if (!moment) return { kind: 'wrong-moment' }
  await publishPolicy(tx, drafts, { effectiveAt: moment, requiresReconsent })
  await tx.delete(PolicyDraft, { id: In(drafts.map(one => one.id)) })
  return { kind: 'published', policy: await tx.findOneByOrFail(PolicyVersion, { publicId: id }) }
}

/** Versions come into force in their order, and none as of the past: mails went out under what was shown then. */
async function allowedMoment(tx: EntityManager, asked: Date): Promise<Date | undefined> {
  const now = await databaseTime(tx)
  const [last] = await tx.find(PolicyVersion, { order: { number: 'DESC' }, take: 1 })
  if (asked.getTime() < now.getTime() - PAST_TOLERANCE_MS) return undefined
  if (asked.getTime() > now.getTime() + FURTHEST_MS) return undefined
  const moment = asked < now ? now : asked
  return last && moment < last.effectiveAt ? undefined : moment
}

const missing = async (
  tx: EntityManager,
  publicId: string,
): Promise<{ kind: 'published' } | { kind: 'not-found' }> =>
  (await tx.existsBy(PolicyVersion, { publicId })) ? { kind: 'published' } : { kind: 'not-found' }

/** One at a time: who saves or publishes holds the site's row. */
const lockSite = (tx: EntityManager): Promise<Site> =>
  tx.findOneOrFail(Site, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } })
