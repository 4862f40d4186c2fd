import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import { select } from '../transaction'

/**
 * What a delivery that was not sent is, or goes back to: queued, but in a cancelled newsletter cancelled. Locks the
 * newsletter in share mode, so that it stays true until the transaction ends; locked before claim, reader and delivery.
 */
export async function openStatus(
  tx: EntityManager,
  newsletterId: number,
): Promise<DeliveryStatus.QUEUED | DeliveryStatus.CANCELLED> {
  const [newsletter] = await select<{ status: string }>(
    tx,
    'SELECT status FROM newsletter WHERE id = ? LOCK IN SHARE MODE',
    [newsletterId],
  )
  return newsletter?.status === 'CANCELLED' ? DeliveryStatus.CANCELLED : DeliveryStatus.QUEUED
}
