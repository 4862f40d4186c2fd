import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { write } from '../transaction'
import { dropRetries } from './drop-retries'

/** queued → cancelled for all that is left of a newsletter. The caller holds the newsletter's row lock. */
export async function cancelOpen(tx: EntityManager, newsletterId: number): Promise<void> {
  await write(
    tx,
    'UPDATE delivery SET status = ?, at = UTC_TIMESTAMP(3) WHERE newsletter_id = ? AND status = ?',
    [DeliveryStatus.CANCELLED, newsletterId, DeliveryStatus.QUEUED],
  )
  await dropRetries(tx, [newsletterId])
}
