// sending → sent, and cancelled → finished, when every reader of the audience has an account and the counts add up (I2).
import type { EntityManager } from 'typeorm'
import { IsNull } from 'typeorm'
import { countDeliveries } from '../deliveries/count'
import { DeliveryStatus } from '../entities/delivery'
import { DeliveryRange } from '../entities/delivery-range'
import { DeliveryRetry } from '../entities/delivery-retry'
import { type Newsletter, NewsletterStatus } from '../entities/newsletter'
import { step } from '../steps'
import { databaseTime } from '../transaction'
import { lockNewsletter } from './write'

/** Ends the newsletter if nothing of it is open; true if it did. */
export async function finish(tx: EntityManager, id: number): Promise<boolean> {
  if (await tx.existsBy(DeliveryRange, { newsletterId: id, doneAt: IsNull() })) return false
  if (await tx.existsBy(DeliveryRetry, { newsletterId: id })) return false
  const newsletter = await lockNewsletter(tx, id)
  const isOpen = newsletter.status === NewsletterStatus.SENDING || isCancelledOpen(newsletter)
  if (!isOpen || !newsletter.expandedAt) return false
  const { byStatus } = await countDeliveries(tx, id)
  if (byStatus[DeliveryStatus.QUEUED] > 0 || byStatus[DeliveryStatus.SENDING] > 0) return false
  if (newsletter.status === NewsletterStatus.SENDING) newsletter.status = NewsletterStatus.SENT
  newsletter.finishedAt = await databaseTime(tx)
  step('finish.before', { newsletterId: id })
  await tx.save(newsletter)
  step('finish.after', { newsletterId: id })
  return true
}

/** Cancelled after it had started, with deliveries that may not be settled or created yet. */
export const isCancelledOpen = (newsletter: Newsletter): boolean =>
  newsletter.status === NewsletterStatus.CANCELLED && !newsletter.finishedAt && newsletter.startedAt !== null
