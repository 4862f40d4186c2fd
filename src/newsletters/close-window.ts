// The end of a newsletter's window: the gate lets nothing more of it pass, and what is still queued is skipped.
import type { DataSource, EntityManager } from 'typeorm'
import { skipReasonSql } from '../consent/skip-reason'
import { skipNextClosed } from '../deliveries/skip-closed'
import { Newsletter } from '../entities/newsletter'
import { Topic } from '../entities/topic'
import { select, transaction } from '../transaction'

/** Ranges in one go, so that a sweep has time for the others; the next one goes on. */
const RANGES_AT_ONCE = 50

/**
 * Skips what is queued of a started newsletter whose `expires_at` has come, one short transaction a range. Safe to run
 * again and at the same time as workers; does nothing before the window closes.
 */
export async function closeWindow(db: DataSource, id: number): Promise<void> {
  const newsletter = await db.manager.findOneByOrFail(Newsletter, { id })
  const { purposeId } = await db.manager.findOneByOrFail(Topic, { id: newsletter.topicId })
  let after: number | undefined = 0
  for (let ranges = 0; after !== undefined && ranges < RANGES_AT_ONCE; ranges++) {
    const last: number = after
    after = await transaction(db, async tx =>
      (await isClosed(tx, id)) ? skipNextClosed(tx, id, last, { sql: skipReasonSql, purposeId }) : undefined,
    )
  }
}

/** Locked in share mode: neither cancelled nor finished meanwhile. */
async function isClosed(tx: EntityManager, id: number): Promise<boolean> {
  const rows = await select(
    tx,
    `SELECT 1 FROM newsletter WHERE id = ? AND status IN ('SENDING', 'PAUSED') AND started_at IS NOT NULL
       AND expires_at <= UTC_TIMESTAMP(3) LOCK IN SHARE MODE`,
    [id],
  )
  return rows.length === 1
}
