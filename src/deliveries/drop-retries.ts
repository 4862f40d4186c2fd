import type { EntityManager } from 'typeorm'
import { DeliveryStatus } from '../entities/delivery'
import type { Statement } from '../packets'
import { write } from '../transaction'

/**
 * Removes the retry rows of deliveries that are over, of one reader or of all. A delivery past its gate keeps its row:
 * the claim in it is what settles it.
 */
export async function dropRetries(
  tx: EntityManager,
  newsletterIds: readonly number[],
  readerId?: number,
): Promise<void> {
  const { sql, parameters } = dropRetriesStatement(newsletterIds, readerId)
  await write(tx, sql, parameters)
}

/** What removes them. */
export const dropRetriesStatement = (newsletterIds: readonly number[], readerId?: number): Statement => ({
  sql: `DELETE t FROM delivery_retry t JOIN delivery d ON d.newsletter_id = t.newsletter_id AND d.reader_id = t.reader_id
     WHERE t.newsletter_id IN (?) AND (? IS NULL OR t.reader_id = ?) AND d.status NOT IN (?)`,
  parameters: [
    newsletterIds,
    readerId ?? null,
    readerId ?? null,
    [DeliveryStatus.QUEUED, DeliveryStatus.SENDING],
  ],
})

/** The same for one range: touches only its own rows. */
export async function dropRetriesIn(
  tx: EntityManager,
  range: { newsletterId: number; fromReaderId: number; toReaderId: number },
): Promise<void> {
  await write(
    tx,
    `DELETE t FROM delivery_retry t JOIN delivery d ON d.newsletter_id = t.newsletter_id AND d.reader_id = t.reader_id
     WHERE t.newsletter_id = ? AND t.reader_id BETWEEN ? AND ? AND d.status NOT IN (?)`,
    [
      range.newsletterId,
      range.fromReaderId,
      range.toReaderId,
      [DeliveryStatus.QUEUED, DeliveryStatus.SENDING],
    ],
  )
}
