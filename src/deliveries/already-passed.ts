import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import type { Newsletter } from '../entities/newsletter'
import { select } from '../transaction'
import { deliveryId } from './delivery-id'

/** The deliveries past their gate and not settled yet: the ones a barrier cannot hold back, named in its answer (I4). */
export async function alreadyPassed(
  tx: EntityManager,
  newsletters: readonly Pick<Newsletter, 'id' | 'reference'>[],
): Promise<string[]> {
  if (newsletters.length === 0) return []
  const rows = await select<{ newsletter_id: number; reference: Buffer }>(
    tx,
    `SELECT d.newsletter_id, r.reference FROM delivery d JOIN reader r ON r.id = d.reader_id
     WHERE d.newsletter_id IN (?) AND d.status = ?`,
    [newsletters.map(newsletter => newsletter.id), DeliveryStatus.SENDING],
  )
  return rows.flatMap(row => {
    const newsletter = newsletters.find(one => one.id === row.newsletter_id)
    return newsletter ? [deliveryId(newsletter.reference, row.reference)] : []
  })
}
