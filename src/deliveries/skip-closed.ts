// A closed window: what is still queued of a newsletter is skipped, range by range.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, SkipReason } from '../entities/delivery'
import { select, write } from '../transaction'
import { dropRetriesIn } from './drop-retries'

interface Range {
  newsletterId: number
  fromReaderId: number
  toReaderId: number
}

/** SQL of any earlier reason (aliases `r` and `c`), which comes before WINDOW_CLOSED (DESIGN §2). */
export interface EarlierReason {
  sql: string
  purposeId: number
}

const FREE = '(lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))'

/**
 * queued → skipped in the first range that starts after `after` and has something open, retries included. Answers where
 * that range starts, undefined when there is none. What has passed its gate is left to whoever settles it; a range in
 * somebody's hands stays with its holder, who finds nothing queued. The caller holds the newsletter's row in share mode.
 */
export async function skipNextClosed(
  tx: EntityManager,
  newsletterId: number,
  after: number,
  earlier: EarlierReason,
): Promise<number | undefined> {
  const range = await lockNextRange(tx, newsletterId, after)
  if (!range) return undefined
  const bounds = [newsletterId, range.fromReaderId, range.toReaderId]
  // Claims before deliveries, as everybody locks them.
  await select(
    tx,
    'SELECT 1 FROM delivery_retry WHERE newsletter_id = ? AND reader_id BETWEEN ? AND ? FOR UPDATE',
    bounds,
  )
  // Under READ COMMITTED the inner SELECT locks no reader.
  await write(
    tx,
    `UPDATE delivery d SET d.status = ?, d.at = UTC_TIMESTAMP(3), d.skip_reason = COALESCE(
       (SELECT ${earlier.sql} FROM reader r LEFT JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ?
        WHERE r.id = d.reader_id), ?)
     WHERE d.newsletter_id = ? AND d.reader_id BETWEEN ? AND ? AND d.status = ?`,
    [DeliveryStatus.SKIPPED, earlier.purposeId, SkipReason.WINDOW_CLOSED, ...bounds, DeliveryStatus.QUEUED],
  )
  await dropRetriesIn(tx, range)
  await endIfFree(tx, range)
  return range.fromReaderId
}

async function lockNextRange(
  tx: EntityManager,
  newsletterId: number,
  after: number,
): Promise<Range | undefined> {
  const [row] = await select<{ first: number; last: number }>(
    tx,
    `SELECT g.from_reader_id AS first, g.to_reader_id AS last FROM delivery_range g
     WHERE g.newsletter_id = ? AND g.from_reader_id > ? AND (g.done_at IS NULL OR EXISTS
       (SELECT 1 FROM delivery_retry t WHERE t.newsletter_id = g.newsletter_id
          AND t.reader_id BETWEEN g.from_reader_id AND g.to_reader_id))
     ORDER BY g.from_reader_id LIMIT 1 FOR UPDATE`,
    [newsletterId, after],
  )
  return row && { newsletterId, fromReaderId: row.first, toReaderId: row.last }
}

/** What a killed worker left past its gate keeps the range open: claiming it counts those as unknown. */
const endIfFree = (tx: EntityManager, range: Range): Promise<number> =>
  write(
    tx,
    `UPDATE delivery_range SET done_at = UTC_TIMESTAMP(3), lease_until = NULL
     WHERE newsletter_id = ? AND from_reader_id = ? AND done_at IS NULL AND ${FREE} AND NOT EXISTS
       (SELECT 1 FROM delivery d WHERE d.newsletter_id = ? AND d.reader_id BETWEEN ? AND ? AND d.status = ?
          AND NOT EXISTS (SELECT 1 FROM delivery_retry t
            WHERE t.newsletter_id = d.newsletter_id AND t.reader_id = d.reader_id))`,
    [
      range.newsletterId,
      range.fromReaderId,
      range.newsletterId,
      range.fromReaderId,
      range.toReaderId,
      DeliveryStatus.SENDING,
    ],
  )
