// A reader left or paused: what is still open for them becomes skipped, what had passed its gate is named.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { oneByOne, type Statement } from '../packets'
import { dropRetriesStatement } from './drop-retries'
import { passedOf, type UnderWay, underWayFor } from './under-way-for'

/**
 * Skips the reader's queued deliveries of newsletters going out for one purpose (undefined: for all). Returns the ids of
 * those past their gate. The caller holds the reader's row lock, so no gate passes meanwhile.
 */
export async function skipQueued(
  tx: EntityManager,
  reader: Pick<Reader, 'id' | 'reference'>,
  purposeId: number | undefined,
  reason: SkipReason,
): Promise<string[]> {
  const underWay = await underWayFor(tx, reader, purposeId)
  await oneByOne(tx)(skipStatements(underWay, reader.id, reason))
  return passedOf(underWay)
}

/** What skips those of a reader's deliveries that are queued. */
export function skipStatements(
  underWay: readonly UnderWay[],
  readerId: number,
  reason: SkipReason,
): Statement[] {
  const queued = idsOf(underWay.filter(row => row.isQueued))
  const retried = idsOf(underWay.filter(row => row.isRetried))
  return [
    ...(queued.length > 0 ? [skipStatement(queued, readerId, reason)] : []),
    ...(retried.length > 0 ? [dropRetriesStatement(retried, readerId)] : []),
  ]
}

const idsOf = (rows: readonly UnderWay[]): number[] => rows.map(row => row.newsletterId)

const skipStatement = (
  newsletterIds: readonly number[],
  readerId: number,
  reason: SkipReason,
): Statement => ({
  sql: `UPDATE delivery SET status = ?, skip_reason = ?, at = UTC_TIMESTAMP(3)
     WHERE newsletter_id IN (?) AND reader_id = ? AND status = ?`,
  parameters: [DeliveryStatus.SKIPPED, reason, newsletterIds, readerId, DeliveryStatus.QUEUED],
})
