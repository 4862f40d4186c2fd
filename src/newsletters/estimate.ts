// Who would get a newsletter of this topic now, and why the others would not: the same SQL as expansion and gate.
import type { EntityManager } from 'typeorm'
import { audienceSql, skipReasonSql } from '../consent/skip-reason'
import type { SkipReason } from '../entities/delivery'
import { databaseTime, select } from '../transaction'

export interface AudienceEstimate {
  confirmedReaders: number
  willReceive: number
  skipped: { reason: SkipReason; count: number }[]
  at: Date
}

export async function estimateAudience(db: EntityManager, purposeId: number): Promise<AudienceEstimate> {
  const at = await databaseTime(db)
  const rows = await select<{ reason: SkipReason | null; count: number }>(
    db,
    `SELECT ${skipReasonSql} AS reason, COUNT(*) AS count FROM consent c JOIN reader r ON r.id = c.reader_id
     WHERE c.purpose_id = ? AND ${audienceSql} GROUP BY reason`,
    [purposeId, at, at],
  )
  const counts = rows.map(row => ({ reason: row.reason, count: Number(row.count) }))
  return {
    confirmedReaders: counts.reduce((sum, row) => sum + row.count, 0),
    willReceive: counts.find(row => row.reason === null)?.count ?? 0,
    skipped: counts.flatMap(row => (row.reason ? [{ reason: row.reason, count: row.count }] : [])),
    at,
  }
}
