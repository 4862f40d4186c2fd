// P12: links to others are marked, and feedback about them is welcome.
import { type ExternalLink, externalAddresses, externalLinks } from '../../mail/mark-links'
import { select } from '../../transaction'
import { type Found, type PromiseMeans, wrong } from './kept'
import { figures } from './mail'

/** The latest newsletters that went out, in all their languages: each is read whole. */
const NEWSLETTERS = 20
/** Our pages that have links to other sites. */
const PAGES = ['/links', '/privacy', '/processors']
const PATIENCE_MS = 5_000

interface Rendition {
  locale: string
  html: string
  text: string
}

/** What went out says of every link to another site that it is one; so do our pages, and the directory answers. */
export async function linksMarked({ db: { manager }, config, origin }: PromiseMeans): Promise<Found> {
  const { ownHosts } = config
  const renditions = await select<Rendition>(
    manager,
    `SELECT r.locale, r.html, r.text FROM newsletter_rendition r
       JOIN (SELECT id FROM newsletter WHERE started_at IS NOT NULL ORDER BY started_at DESC LIMIT ${NEWSLETTERS}) n
         ON n.id = r.newsletter_id`,
  )
  const sent = renditions.flatMap(({ locale, html, text }) => [
    ...externalLinks(html, { ownHosts, locale }),
    ...externalAddresses(text, { ownHosts, locale }),
  ])
  const { shown, missing } = await lookAtPages(origin, ownHosts)
  const [found] = await select<Record<'listed' | 'feedback' | 'unreviewed', number>>(
    manager,
    `SELECT COUNT(*) AS listed, (SELECT COUNT(*) FROM link_feedback) AS feedback,
       COALESCE(SUM(reviewed_at IS NULL OR (reviewed_by_id = proposed_by_id AND reviewed_at < proposed_at + INTERVAL 24 HOUR)), 0)
         AS unreviewed
     FROM directory_link WHERE status = 'LISTED'`,
  )
  const [last] = await select<{ at: Date | null }>(
    manager,
    'SELECT MAX(checked_at) AS at FROM directory_link',
  )
  const { unreviewed = 0, ...rest } = figures(found)
  const marked = [...sent, ...shown]
  return {
    figures: {
      ...rest,
      ...{ mails: renditions.length, links: sent.length, onPages: shown.length },
      ...{ isChecked: last?.at ? 'yes' : 'no', at: last?.at ?? new Date(0) },
    },
    broken: wrong(
      ['promise.broken.unmarked', listUnmarked(marked)],
      ['promise.broken.unreviewed', unreviewed],
      ['promise.broken.unreachable', missing.join(', ')],
    ),
  }
}

/** As the page's own language has the words. */
const LANGUAGE = /<html lang="([^"]+)"/

async function lookAtPages(
  origin: string,
  ownHosts: readonly string[],
): Promise<{ shown: ExternalLink[]; missing: string[] }> {
  const shown: ExternalLink[] = []
  const missing: string[] = []
  for (const path of PAGES) {
    const response = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
      () => undefined,
    )
    if (!response?.ok) {
      missing.push(path)
      continue
    }
    const html = await response.text()
    const [, locale = 'en'] = LANGUAGE.exec(html) ?? []
    shown.push(...externalLinks(html, { ownHosts, locale }))
  }
  return { shown, missing }
}

const listUnmarked = (links: readonly ExternalLink[]): string =>
  [...new Set(links.filter(({ isMarked }) => !isMarked).map(({ host }) => host || '?'))].join(', ')
