import type { EntityManager } from 'typeorm'
import type { Reader } from '../entities/reader'
import { type Answer, oneByOne, type Statement } from '../packets'
import { maybeUnderWaySql, mayStillArriveSql } from './already-passed'
import { deliveryId } from './delivery-id'

export interface UnderWay {
  newsletterId: number
  deliveryId: string
  isQueued: boolean
  /** Waits for another attempt. */
  isRetried: boolean
  /** Past its gate: no barrier can hold it back any more (I4). */
  mayArrive: boolean
}

/**
 * The reader's deliveries of newsletters going out for one purpose (undefined: for all). The caller holds the reader's
 * row lock, so no gate passes meanwhile.
 */
export async function underWayFor(
  tx: EntityManager,
  reader: Pick<Reader, 'id' | 'reference'>,
  purposeId: number | undefined,
): Promise<UnderWay[]> {
  const [answer] = await oneByOne(tx)([underWayStatement(reader.id, purposeId)])
  return underWayOf(reader, answer)
}

/** What looks for them. */
export const underWayStatement = (readerId: number, purposeId: number | undefined): Statement => ({
  sql: `SELECT n.id, n.reference, d.status = 'queued' AS is_queued, ${mayStillArriveSql} AS may_arrive,
       y.reader_id IS NOT NULL AS is_retried
     FROM newsletter n JOIN topic t ON t.id = n.topic_id
       JOIN delivery d ON d.newsletter_id = n.id AND d.reader_id = ?
       LEFT JOIN delivery_retry y ON y.newsletter_id = d.newsletter_id AND y.reader_id = d.reader_id
     WHERE ${maybeUnderWaySql} AND (? IS NULL OR t.purpose_id = ?)`,
  parameters: [readerId, purposeId ?? null, purposeId ?? null],
})

/** What was found. */
export const underWayOf = (reader: Pick<Reader, 'reference'>, answer: Answer | undefined): UnderWay[] =>
  (answer?.rows ?? []).map(row => ({
    newsletterId: row.id as number,
    deliveryId: deliveryId(row.reference as Buffer, reader.reference),
    isQueued: Boolean(row.is_queued),
    isRetried: Boolean(row.is_retried),
    mayArrive: Boolean(row.may_arrive),
  }))

/** Of those, the ids that a barrier names in its answer. */
export const passedOf = (rows: readonly UnderWay[]): string[] =>
  rows.filter(row => row.mayArrive).map(row => row.deliveryId)
