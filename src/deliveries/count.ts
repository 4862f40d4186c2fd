// The figures of one newsletter, always counted from its rows: there is no counter that could disagree with them.
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
    `SELECT status, skip_reason AS reason, COUNT(*) AS count,
       CAST(SUM(at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND) AS SIGNED) AS recent
     FROM delivery WHERE newsletter_id = ? GROUP BY status, skip_reason`,
    [newsletterId],
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
