import type { EntityManager } from 'typeorm'
import type { Delivery } from '../entities/delivery'
import { select } from '../transaction'

export interface ReadersDelivery extends Delivery {
  /** When its gate passed last, as far as that is kept; else its last change of status. */
  passedAt: Date
}

/** What a reader is told about (issue of 90 days); a newsletter that was paused may have started long before. */
const DAYS = 90
const STARTED_DAYS = 365

/**
 * What became of the reader's newsletters of the last 90 days, the newest first; those still waiting are left out. Found by
 * the newsletters of that time, as deliveries have no index by reader.
 */
export const deliveriesOf = (
  db: EntityManager,
  readerId: number,
  { limit, before }: { limit: number; before: number | undefined },
): Promise<ReadersDelivery[]> =>
  select<ReadersDelivery>(
    db,
    `SELECT d.newsletter_id AS newsletterId, d.reader_id AS readerId, d.status, d.skip_reason AS skipReason, d.attempts,
       d.fence, d.at, d.smtp_status AS smtpStatus, d.diagnostic, COALESCE(s.at, d.at) AS passedAt
     FROM newsletter n STRAIGHT_JOIN delivery d ON d.newsletter_id = n.id AND d.reader_id = ?
       LEFT JOIN reader_send s ON s.reader_id = d.reader_id AND s.newsletter_id = d.newsletter_id
     WHERE n.started_at > UTC_TIMESTAMP(3) - INTERVAL ${STARTED_DAYS} DAY AND (? IS NULL OR n.id < ?)
       AND d.status <> 'queued' AND d.at > UTC_TIMESTAMP(3) - INTERVAL ${DAYS} DAY
     ORDER BY n.id DESC LIMIT ?`,
    [readerId, before ?? null, before ?? null, limit],
  )
