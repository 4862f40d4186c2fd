// Everything about a newsletter that is the same for all its readers, loaded and encoded once per process.
import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { clickPurpose } from '../consent/click-counting'
import { PERSONALISATION_KEY } from '../consent/purposes'
import { Newsletter } from '../entities/newsletter'
import { NewsletterLink } from '../entities/newsletter-link'
import { NewsletterRendition } from '../entities/newsletter-rendition'
import { Purpose } from '../entities/purpose'
import { encodeBody } from '../mail/body'
import { HeaderError } from '../mail/header'
import { type NewsletterConstants, type PreparedNewsletter, prepareNewsletter } from '../mail/message'
import { withCountedLinks } from '../mail/render-counted-links'
import { topicWords } from '../newsletters/preview'
import type { WorkerContext } from './context'

export interface NewsletterMail {
  newsletter: Newsletter
  purposeId: number
  personalisationId: number
  /**
   * By locale; the first is used where a reader's own is missing. An error is why no message can be written in that
   * language: it concerns its readers, not the others.
   */
  renditions: Renditions
  /** The same with counted links, for readers with a yes to that purpose; undefined where nothing is counted. */
  counted: { purposeId: number; renditions: Renditions } | undefined
}

type Renditions = Map<string, PreparedNewsletter | HeaderError>

/** Per worker; a newsletter stays in it from its first claim until it is finished. */
const loaded = new WeakMap<WorkerContext, Map<number, Promise<NewsletterMail>>>()

export function loadNewsletter(context: WorkerContext, id: number): Promise<NewsletterMail> {
  const mails = loaded.get(context) ?? new Map<number, Promise<NewsletterMail>>()
  loaded.set(context, mails)
  const known = mails.get(id)
  if (known) return known
  const loading = load(context, id)
  mails.set(id, loading)
  loading.catch(() => mails.delete(id))
  return loading
}

/** After its end nothing of it is needed any more. */
export function forgetNewsletter(context: WorkerContext, id: number): void {
  loaded.get(context)?.delete(id)
}

async function load({ db, config }: WorkerContext, id: number): Promise<NewsletterMail> {
  const newsletter = await db.manager.findOneByOrFail(Newsletter, { id })
  const rows = await db.manager.findBy(NewsletterRendition, { newsletterId: id })
  const byPreference = [...rows].sort(
    (a, b) => rank(config.locales, a.locale) - rank(config.locales, b.locale),
  )
  const defaultLocale = config.locales[0] ?? 'en'
  const { topic, words } = await topicWords(db.manager, newsletter.topicId, defaultLocale, config.locales)
  const personalisation = await db.manager.findOneByOrFail(Purpose, { key: PERSONALISATION_KEY })
  const constants = {
    siteName: config.siteName,
    mailFrom: config.mailFrom,
    bounceDomain: config.bounceDomain,
    unsubscribePrefix: new URL('/u/', config.publicUrl).href,
    preferencesPrefix: new URL('/p/', config.publicUrl).href,
    values: { site: config.siteName, topic: words.title },
    topic: { slug: topic.slug, title: words.title },
    newsletter: newsletter.publicId,
    // H11: constant for the site.
    senderId: createHash('sha256').update(config.publicUrl.host).digest('hex').slice(0, 12),
  }
  const encoded = (renditions: readonly NewsletterRendition[]): Renditions =>
    new Map(
      renditions.map(row => [
        row.locale,
        prepared({ ...constants, subject: row.subject, body: encodeBody(row) }),
      ]),
    )
  const links = await countedLinks(db.manager, id, config.publicUrl)
  return {
    newsletter,
    purposeId: topic.purposeId,
    personalisationId: personalisation.id,
    renditions: encoded(byPreference),
    counted: links && {
      purposeId: links.purposeId,
      renditions: encoded(byPreference.map(row => withCountedLinks(row, links.replaced))),
    },
  }
}

/** What each link of the newsletter is replaced by for readers who are counted; undefined where nothing is. */
async function countedLinks(db: EntityManager, newsletterId: number, publicUrl: URL) {
  const links = await db.findBy(NewsletterLink, { newsletterId })
  const purposeId = links.length > 0 ? await clickPurpose(db) : undefined
  if (!purposeId) return undefined
  return {
    purposeId,
    replaced: new Map(links.map(({ id, url }) => [url, new URL(`/r/${id}`, publicUrl).href])),
  }
}

function prepared(constants: NewsletterConstants): PreparedNewsletter | HeaderError {
  try {
    return prepareNewsletter(constants)
  } catch (error) {
    if (error instanceof HeaderError) return error
    throw error
  }
}

const rank = (locales: readonly string[], locale: string): number => {
  const index = locales.indexOf(locale)
  return index < 0 ? locales.length : index
}
