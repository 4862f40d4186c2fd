import { countDeliveries } from '../deliveries/count'
import { DeliveryStatus } from '../entities/delivery'
import { type Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { Site } from '../entities/site'
import { hostsWithoutAgreement, relayHosts } from '../privacy/agreements'
import type { ApiContext } from './context'
import type { SendProgress } from './newsletter.types'
import { isRedisThere } from './redis-there'

/** Whether there is anything to tell: it was started, is due, or waits for a person. */
export const hasProgress = (newsletter: Newsletter): boolean =>
  newsletter.startedAt !== null || newsletter.status === NewsletterStatus.PAUSED || isDue(newsletter)

const isDue = ({ status, sendAt }: Newsletter): boolean =>
  status === NewsletterStatus.SCHEDULED && sendAt !== null && sendAt <= new Date()

/** How far a newsletter is, and what holds it up. */
export async function progressOf(
  context: Pick<ApiContext, 'db' | 'redis' | 'config'>,
  newsletter: Newsletter,
): Promise<SendProgress> {
  const { total, byStatus, skipped, sentLastMinute } = await countDeliveries(
    context.db.manager,
    newsletter.id,
  )
  const isSending = newsletter.status === NewsletterStatus.SENDING
  const left = byStatus[DeliveryStatus.QUEUED] + byStatus[DeliveryStatus.SENDING]
  const rate = isSending ? sentLastMinute / minutesUnderWay(newsletter) : null
  return {
    newsletterId: newsletter.id,
    status: newsletter.status,
    total,
    queued: byStatus[DeliveryStatus.QUEUED],
    sending: byStatus[DeliveryStatus.SENDING],
    sent: byStatus[DeliveryStatus.SENT],
    failed: byStatus[DeliveryStatus.FAILED],
    unknown: byStatus[DeliveryStatus.UNKNOWN],
    cancelled: byStatus[DeliveryStatus.CANCELLED],
    skipped,
    ratePerMinute: rate,
    etaAt: rate && left > 0 ? new Date(Date.now() + (left / rate) * 60_000) : null,
    startedAt: newsletter.startedAt,
    updatedAt: new Date(),
    ...(await holdUp(context, newsletter)),
  }
}

type HoldUp = Pick<SendProgress, 'pauseReason' | 'pauseDetail'>

/** What keeps one that is sending or due from going on, though its status says so; both end by themselves. */
async function holdUp(
  { db, redis, config }: Pick<ApiContext, 'db' | 'redis' | 'config'>,
  newsletter: Newsletter,
): Promise<HoldUp> {
  const { pauseReason, pauseDetail } = newsletter
  if (newsletter.status !== NewsletterStatus.SENDING && !isDue(newsletter))
    return { pauseReason, pauseDetail }
  const site = await db.manager.findOneByOrFail(Site, { id: 1 })
  if (site.heldAt) return { pauseReason: PauseReason.RESTORED, pauseDetail: site.heldReason }
  if (site.stoppedAt) return { pauseReason: PauseReason.SITE_STOPPED, pauseDetail: site.stopReason }
  const hosts = await hostsWithoutAgreement(db.manager, relayHosts(config))
  if (hosts.length > 0)
    return { pauseReason: PauseReason.PROVIDER_ERROR, pauseDetail: `No agreement: ${hosts.join(', ')}` }
  const isThere = await isRedisThere(redis)
  return isThere ? { pauseReason, pauseDetail } : { pauseReason: PauseReason.REDIS_AWAY, pauseDetail: null }
}

/** The part of the last minute in which it was sending. */
function minutesUnderWay({ startedAt }: Newsletter): number {
  const ms = startedAt ? Date.now() - startedAt.getTime() : 60_000
  return Math.min(60_000, Math.max(1000, ms)) / 60_000
}
