import type { EntityManager } from 'typeorm'
import { countDeliveries } from '../deliveries/count'
import { DeliveryStatus } from '../entities/delivery'
import { type Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { Site } from '../entities/site'
import type { SendProgress } from './newsletter.types'

/** How far a newsletter is. A stopped site leaves its status SENDING and shows as the pause reason. */
export async function progressOf(db: EntityManager, newsletter: Newsletter): Promise<SendProgress> {
  const { total, byStatus, skipped, sentLastMinute } = await countDeliveries(db, newsletter.id)
  const site = await db.findOneByOrFail(Site, { id: 1 })
  const isSending = newsletter.status === NewsletterStatus.SENDING
  const isStopped = isSending && site.stoppedAt !== null
  const isHeld = isSending && site.heldAt !== null
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
    ...(isHeld
      ? { pauseReason: PauseReason.RESTORED, pauseDetail: site.heldReason }
      : isStopped
        ? { pauseReason: PauseReason.SITE_STOPPED, pauseDetail: site.stopReason }
        : { pauseReason: newsletter.pauseReason, pauseDetail: newsletter.pauseDetail }),
  }
}

/** The part of the last minute in which it was sending. */
function minutesUnderWay({ startedAt }: Newsletter): number {
  const ms = startedAt ? Date.now() - startedAt.getTime() : 60_000
  return Math.min(60_000, Math.max(1000, ms)) / 60_000
}
