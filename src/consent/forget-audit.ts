import type { EntityManager } from 'typeorm'
import { select } from '../transaction'

const AT_ONCE = 500

/** How many audit events are older than three years (standards §N). */
export async function countForgettableAudit(db: EntityManager): Promise<number> {
  const [row] = await select<{ count: number }>(
    db,
    'SELECT COUNT(*) AS count FROM audit_event WHERE at < UTC_TIMESTAMP(3) - INTERVAL 3 YEAR',
  )
  return Number(row?.count ?? 0)
}

/** Removes some of them, the oldest first; answers how many. The database refuses every younger one. */
export async function forgetAudit(tx: EntityManager): Promise<number> {
  const [[row]]: [{ removed: number }[]] = await tx.query('CALL forget_audit_events(?)', [AT_ONCE])
  return row?.removed ?? 0
}
