// What the pages show of a reader's choices.
import type { EntityManager } from 'typeorm'
import { materialVersion } from '../consent/policies'
import { isSendable } from '../consent/proof'
import { type ShownPurpose, shownPurposes } from '../consent/purposes'
import { Consent, Frequency } from '../entities/consent'
import { PurposeKind } from '../entities/purpose'
import { Topic } from '../entities/topic'
import type { Frame } from './page-frame'
import type { PurposeSetting } from './pages/centre-props'
import type { TopicSetting } from './pages/topic-form'

/** Every topic and every other purpose in the page's language, with the reader's own state. */
export async function settingsOf(
  db: EntityManager,
  readerId: number,
  { locale, locales }: Frame,
): Promise<{ topics: TopicSetting[]; purposes: PurposeSetting[] }> {
  const shown = await shownPurposes(db, locale, locales)
  const consents = await db.findBy(Consent, { readerId })
  const material = await materialVersion(db)
  const slugs = new Map((await db.find(Topic)).map(topic => [topic.purposeId, topic.slug]))
  const consentOf = ({ purpose }: ShownPurpose) => consents.find(one => one.purposeId === purpose.id)
  const topics = shown.flatMap(one => {
    const slug = slugs.get(one.purpose.id)
    return slug === undefined ? [] : topicSetting(one, slug, consentOf(one), material)
  })
  const purposes = shown
    .filter(one => one.purpose.kind !== PurposeKind.NEWSLETTER_TOPIC)
    .map(one => ({
      key: one.purpose.key,
      version: one.words.version,
      title: one.words.title,
      description: one.words.description,
      isOn: stands(consentOf(one), material),
    }))
  return { topics, purposes }
}

const topicSetting = (
  { words }: ShownPurpose,
  slug: string,
  consent: Consent | undefined,
  material: number,
): TopicSetting => ({
  slug,
  title: words.title,
  description: words.description,
  cadence: words.cadence,
  purposeVersion: words.version,
  isOn: isSendable(consent?.state),
  isLapsed: !stands(consent, material),
  frequency: consent?.frequency ?? Frequency.EVERY_ISSUE,
  pausedUntil: stillOn(consent?.pausedUntil ?? null),
})

/** A pause that is over is none. */
export const stillOn = (pausedUntil: Date | null): Date | null =>
  pausedUntil && pausedUntil > new Date() ? pausedUntil : null

/** Whether there is a yes that has not run out, and is to a policy that has not been replaced by a material one. */
export const stands = (consent: Consent | null | undefined, material: number): boolean =>
  isSendable(consent?.state) &&
  (consent?.expiresAt?.getTime() ?? 0) > Date.now() &&
  (consent?.policyNumber ?? 0) >= material
