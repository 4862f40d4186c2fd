// How many people pressed the links of a newsletter. Each link on each day is a cell like any other (publish-counts.ts).
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'
import { publishedSum } from './publish-counts'

export interface ClickReport {
  /** Null: hidden. */
  total: number | null
  links: { url: string; count: number | null }[]
}

/**
 * Of each newsletter, in their order: one entry for each link that could be counted, pressed or not; none where counting was
 * off when it started.
 */
export async function clicksOf(db: EntityManager, newsletterIds: readonly number[]): Promise<ClickReport[]> {
  const rows = await select<Pressed>(
    db,
    `SELECT link.newsletter_id AS newsletterId, link.url, cell.people
     FROM newsletter_link link LEFT JOIN stat_cell cell
       ON cell.metric = 'LINK_CLICK' AND cell.label = link.id AND cell.day < UTC_DATE()
     WHERE link.newsletter_id IN (?) ORDER BY link.url`,
    [newsletterIds],
  )
  return newsletterIds.map(id => reportOf(rows.filter(({ newsletterId }) => newsletterId === id)))
}

interface Pressed {
  newsletterId: number
  url: string
  people: number | null
}

function reportOf(rows: readonly Pressed[]): ClickReport {
  const cells = new Map<string, number[]>()
  for (const { url, people } of rows) cells.set(url, [...(cells.get(url) ?? []), people ?? 0])
  return {
    total: publishedSum([...cells.values()].flat()),
    links: [...cells].map(([url, people]) => ({ url, count: publishedSum(people) })),
  }
}
