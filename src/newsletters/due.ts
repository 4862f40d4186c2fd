// What the sweep finds to do: the rows are the truth, a job is only a wake-up call.
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'

export interface DueWork {
  /** To be started, or started and not yet expanded. */
  expand: number[]
  /** Expanded and not finished, cancelled ones too: what had passed its gate has to be settled. */
  deliver: number[]
  /** Their window has closed: what is queued of them has to be skipped. */
  close: number[]
}

export async function dueNewsletters(db: EntityManager): Promise<DueWork> {
  const rows = await select<{ id: number; expanded: number }>(
    db,
    `SELECT id, expanded_at IS NOT NULL AS expanded FROM newsletter
     WHERE status = 'SENDING' OR (status = 'SCHEDULED' AND send_at <= UTC_TIMESTAMP(3)
         AND EXISTS (SELECT 1 FROM site WHERE id = 1 AND stopped_at IS NULL))
       OR (status = 'CANCELLED' AND started_at IS NOT NULL AND finished_at IS NULL)`,
  )
  const closed = await select<{ id: number }>(
    db,
    `SELECT id FROM newsletter
     WHERE status IN ('SENDING', 'PAUSED') AND started_at IS NOT NULL AND expires_at <= UTC_TIMESTAMP(3)`,
  )
  return {
    expand: rows.filter(row => !row.expanded).map(row => row.id),
    deliver: rows.filter(row => row.expanded).map(row => row.id),
    close: closed.map(row => row.id),
  }
}
