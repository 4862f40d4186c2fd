// What a newsletter looks like when it is sent: the one place that turns a content into its rendered form.
import type { EntityManager } from 'typeorm'
import { currentWords } from '../consent/purposes'
import { Purpose } from '../entities/purpose'
import type { PurposeVersion } from '../entities/purpose-version'
import { Topic } from '../entities/topic'
import { type Rendered, renderNewsletter } from '../mail/render'
import { message } from '../messages'

/** What the system footer says about the sender; it cannot be left out (standards L1). */
export interface SenderFacts {
  siteName: string
  postalAddress: string
  locales: readonly string[]
  /** Links to all other hosts are marked. */
  ownHosts: readonly string[]
}

export interface WrittenContent {
  locale: string
  subject: string
  preheader: string | null
  mjml: string
  text: string
}

/** Renders one locale with the system footer. What is wrong with it is in `issues`; it never throws for content. */
export function renderContent(
  facts: SenderFacts,
  topicTitle: string,
  content: WrittenContent,
): Promise<Rendered> {
  const { locale } = content
  return renderNewsletter({
    mjml: content.mjml,
    text: content.text,
    textIsGenerated: content.text.trim() === '',
    subject: content.subject,
    preheader: content.preheader ?? undefined,
    locale,
    ownHosts: facts.ownHosts,
    footer: {
      unsubscribe: message(locale, 'footer.unsubscribe'),
      preferences: message(locale, 'footer.preferences'),
      postalAddress: facts.postalAddress,
      reason: message(locale, 'footer.reason', { topic: topicTitle, site: facts.siteName }),
      siteName: facts.siteName,
    },
  })
}

/** The words of a topic in a locale. */
export async function topicWords(
  db: EntityManager,
  topicId: number,
  locale: string,
  siteLocales: readonly string[],
): Promise<{ topic: Topic; words: PurposeVersion }> {
  const topic = await db.findOneByOrFail(Topic, { id: topicId })
  const purpose = await db.findOneByOrFail(Purpose, { id: topic.purposeId })
  const words = (await currentWords(db, [purpose], locale, siteLocales)).get(purpose.id)
  if (!words) throw new Error(`Topic ${topic.slug} has no words`)
  return { topic, words }
}
