// How many people pressed the links of a newsletter. Each link on each day is a cell like any other (publish-counts.ts).
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'
import { publishedSum } from './publish-counts'

export interface ClickReport {
  /** Null: hidden. */
  total: number | null
  links: { url: string; count: number | null }[]
}

/** One entry for each link that could be counted, pressed or not; none where counting was off when the newsletter started. */
export async function clicksOf(db: EntityManager, newsletterId: number): Promise<ClickReport> {
  const rows = await select<{ url: string; people: number | null }>(
    db,
    `SELECT link.url, cell.people FROM newsletter_link link LEFT JOIN stat_cell cell
       ON cell.metric = 'LINK_CLICK' AND cell.label = link.id AND cell.day < UTC_DATE()
     WHERE link.newsletter_id = ? ORDER BY link.url`,
    [newsletterId],
  )
  const cells = new Map<string, number[]>()
  for (const { url, people } of rows) cells.set(url, [...(cells.get(url) ?? []), people ?? 0])
  return {
    total: publishedSum([...cells.values()].flat()),
    links: [...cells].map(([url, people]) => ({ url, count: publishedSum(people) })),
  }
}
