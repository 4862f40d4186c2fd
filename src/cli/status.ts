import { type EntityManager, In } from 'typeorm'
import { siteOf } from '../consent/first-start'
import { countDeliveries, type DeliveryCounts } from '../deliveries/count'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { withDatabase } from './with-database'

interface NewsletterLine {
  newsletter: Newsletter
  counts: DeliveryCounts
}

const UNDER_WAY = [NewsletterStatus.SCHEDULED, NewsletterStatus.SENDING, NewsletterStatus.PAUSED]

/** Tells whether the site sends, and how far each newsletter under way is. */
export async function statusCommand(options: { json?: boolean }): Promise<void> {
  const { site, lines } = await withDatabase(async ({ manager }) => ({
    site: await siteOf(manager),
    lines: await underWay(manager),
  }))
  if (options.json) {
    const { stoppedAt, stopReason, heldAt, heldReason } = site
    const newsletters = lines.map(asJson)
    const stop = { stopped: stoppedAt !== null, since: stoppedAt, stopReason }
    console.log(
      JSON.stringify({ ...stop, held: heldAt !== null, heldSince: heldAt, heldReason, newsletters }),
    )
    return
  }
  if (site.heldAt)
    console.log(`Held since ${site.heldAt.toISOString()}: ${site.heldReason}. See \`weinterrupt release\`.`)
  if (site.stoppedAt) console.log(`Stopped since ${site.stoppedAt.toISOString()}: ${site.stopReason}`)
  if (!site.heldAt && !site.stoppedAt) console.log(`${site.name} sends.`)
  if (lines.length === 0) console.log('No newsletter is under way.')
  for (const line of lines) print(line)
}

async function underWay(db: EntityManager): Promise<NewsletterLine[]> {
  const found = await db.find(Newsletter, { where: { status: In(UNDER_WAY) }, order: { sendAt: 'ASC' } })
  const lines: NewsletterLine[] = []
  for (const newsletter of found) lines.push({ newsletter, counts: await countDeliveries(db, newsletter.id) })
  return lines
}

const asJson = ({ newsletter, counts }: NewsletterLine) => ({
  id: newsletter.publicId,
  title: newsletter.title,
  status: newsletter.status,
  pauseReason: newsletter.pauseReason,
  pauseDetail: newsletter.pauseDetail,
  sendAt: newsletter.sendAt,
  total: counts.total,
  ...counts.byStatus,
  skipReasons: counts.skipped,
})

function print({ newsletter, counts }: NewsletterLine): void {
  const { status, pauseReason, title, publicId, sendAt } = newsletter
  console.log(`\n${title} (${publicId})`)
  console.log(`  ${status}${pauseReason ? `, ${pauseReason}` : ''}; due ${sendAt?.toISOString() ?? 'now'}`)
  if (counts.total === 0) return
  const filled = Object.entries(counts.byStatus).filter(([, count]) => count > 0)
  console.log(`  ${filled.map(([name, count]) => `${count} ${name}`).join(', ')} of ${counts.total}`)
}
