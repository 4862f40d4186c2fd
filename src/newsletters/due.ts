// What the sweep finds to do: the rows are the truth, a job is only a wake-up call.
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'

export interface DueWork {
  /** To be started, or started and not yet expanded. */
  expand: number[]
  /** Expanded and not finished, cancelled ones too: what had passed its gate has to be settled. */
  deliver: number[]
}

export async function dueNewsletters(db: EntityManager): Promise<DueWork> {
  const rows = await select<{ id: number; expanded: number }>(
    db,
    `SELECT id, expanded_at IS NOT NULL AS expanded FROM newsletter
     WHERE status = 'SENDING' OR (status = 'SCHEDULED' AND send_at <= UTC_TIMESTAMP(3))
       OR (status = 'CANCELLED' AND started_at IS NOT NULL AND finished_at IS NULL)`,
  )
  return {
    expand: rows.filter(row => !row.expanded).map(row => row.id),
    deliver: rows.filter(row => row.expanded).map(row => row.id),
  }
}
