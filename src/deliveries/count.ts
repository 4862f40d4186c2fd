// The figures of one newsletter, counted from its rows while there are any: there is no counter that could disagree with
// them. The rows that retention took were counted in the commit that took them.
import type { EntityManager } from 'typeorm'
import { DeliveryStatus, type SkipReason } from '../entities/delivery'
import { select } from '../transaction'

export interface DeliveryCounts {
  total: number
  byStatus: Record<DeliveryStatus, number>
  skipped: { reason: SkipReason; count: number }[]
  /** Sent within the last minute. */
  sentLastMinute: number
}

export async function countDeliveries(db: EntityManager, newsletterId: number): Promise<DeliveryCounts> {
  const rows = await select<{
    status: DeliveryStatus
    reason: SkipReason | null
    count: number
    recent: number
  }>(
    db,
    `SELECT status, reason, SUM(deliveries) AS count, SUM(recent) AS recent FROM
       (SELECT status, skip_reason AS reason, COUNT(*) AS deliveries,
          SUM(at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND) AS recent
        FROM delivery WHERE newsletter_id = ? GROUP BY status, skip_reason
        UNION ALL
        SELECT status, NULLIF(skip_reason, ''), deliveries, 0 FROM delivery_count WHERE newsletter_id = ?) AS both_kinds
     GROUP BY status, reason`,
    [newsletterId, newsletterId],
  )
  const byStatus = Object.fromEntries(Object.values(DeliveryStatus).map(status => [status, 0])) as Record<
    DeliveryStatus,
    number
  >
  for (const row of rows) byStatus[row.status] += Number(row.count)
  return {
    total: rows.reduce((sum, row) => sum + Number(row.count), 0),
    byStatus,
    skipped: rows.flatMap(row => (row.reason ? [{ reason: row.reason, count: Number(row.count) }] : [])),
    sentLastMinute: Number(rows.find(row => row.status === DeliveryStatus.SENT)?.recent ?? 0),
  }
}
