// Drafts: anything may be saved, so that no typing is lost; what would not do is refused when it is tested or scheduled.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { NewsletterContent } from '../entities/newsletter-content'
import { databaseTime } from '../transaction'

export interface ContentDraft {
  locale: string
  subject: string
  preheader?: string | null
  mjml?: string | null
  text?: string | null
}

export interface NewsletterDraft {
  title?: string | null
  topicId?: number
  contents?: readonly ContentDraft[] | null
}

/** Creates a draft of a topic. */
export async function createNewsletter(
  tx: EntityManager,
  draft: NewsletterDraft & { topicId: number },
  authorId: number,
): Promise<Newsletter> {
  const now = await databaseTime(tx)
  const newsletter = tx.create(Newsletter, {
    publicId: uuidv7(),
    reference: randomBytes(6),
    version: 1,
    title: draft.title ?? draft.contents?.[0]?.subject ?? '',
    topicId: draft.topicId,
    authorId,
    status: NewsletterStatus.DRAFT,
    savedById: authorId,
    updatedAt: now,
    createdAt: now,
  })
  await tx.save(newsletter)
  await saveContents(tx, newsletter.id, draft.contents)
  return newsletter
}

export type Updated =
  | { kind: 'updated'; newsletter: Newsletter }
  | { kind: 'stale'; newsletter: Newsletter }
  | { kind: 'invalid-state'; newsletter: Newsletter }

/** Saves over the version the editor saw; a newer one is never overwritten. Only drafts change. */
export async function updateNewsletter(
  tx: EntityManager,
  id: number,
  version: number,
  draft: NewsletterDraft,
  savedById: number,
): Promise<Updated> {
  const newsletter = await lockNewsletter(tx, id)
  if (newsletter.status !== NewsletterStatus.DRAFT) return { kind: 'invalid-state', newsletter }
  if (newsletter.version !== version) return { kind: 'stale', newsletter }
  Object.assign(newsletter, {
    title: draft.title ?? newsletter.title,
    topicId: draft.topicId ?? newsletter.topicId,
    version: version + 1,
    savedById,
    updatedAt: await databaseTime(tx),
  })
  await tx.save(newsletter)
  await saveContents(tx, id, draft.contents)
  return { kind: 'updated', newsletter }
}

/** Exclusive: no gate of this newsletter passes until the transaction ends. */
export const lockNewsletter = (tx: EntityManager, id: number): Promise<Newsletter> =>
  tx.findOneOrFail(Newsletter, { where: { id }, lock: { mode: 'pessimistic_write' } })

/** The list is the whole set of locales; within one, what is left out keeps its earlier text. */
async function saveContents(
  tx: EntityManager,
  newsletterId: number,
  contents: readonly ContentDraft[] | null | undefined,
): Promise<void> {
  if (!contents) return
  const earlier = await tx.findBy(NewsletterContent, { newsletterId })
  await tx.delete(NewsletterContent, { newsletterId })
  const rows = contents.map(one => {
    const before = earlier.find(row => row.locale === one.locale)
    return {
      newsletterId,
      locale: one.locale,
      subject: one.subject,
      preheader: one.preheader === undefined ? (before?.preheader ?? null) : one.preheader,
      mjml: one.mjml ?? before?.mjml ?? '',
      text: one.text ?? before?.text ?? '',
    }
  })
  if (rows.length > 0) await tx.insert(NewsletterContent, rows)
}

/** The contents of a newsletter, in a stable order. */
export const contentsOf = (db: EntityManager, newsletterId: number): Promise<NewsletterContent[]> =>
  db.find(NewsletterContent, { where: { newsletterId }, order: { locale: 'ASC' } })
