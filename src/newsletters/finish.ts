// sending → sent, when every reader of the audience has an account and the counts add up (I2).
import type { EntityManager } from 'typeorm'
import { IsNull } from 'typeorm'
import { countDeliveries } from '../deliveries/count'
import { DeliveryStatus } from '../entities/delivery'
import { DeliveryRange } from '../entities/delivery-range'
import { DeliveryRetry } from '../entities/delivery-retry'
import { NewsletterStatus } from '../entities/newsletter'
import { lockNewsletter } from './write'

/** Ends the newsletter if nothing of it is open; true if it did. */
export async function finish(tx: EntityManager, id: number): Promise<boolean> {
  if (await tx.existsBy(DeliveryRange, { newsletterId: id, doneAt: IsNull() })) return false
  if (await tx.existsBy(DeliveryRetry, { newsletterId: id })) return false
  const newsletter = await lockNewsletter(tx, id)
  if (newsletter.status !== NewsletterStatus.SENDING || !newsletter.expandedAt) return false
  const { byStatus } = await countDeliveries(tx, id)
  if (byStatus[DeliveryStatus.QUEUED] > 0 || byStatus[DeliveryStatus.SENDING] > 0) return false
  newsletter.status = NewsletterStatus.SENT
  newsletter.finishedAt = new Date()
  await tx.save(newsletter)
  return true
}
