import type { EntityManager } from 'typeorm'
import { select } from '../transaction'

const AT_ONCE = 2_000

const OVER = 'n.finished_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY'

/** How many deliveries are of newsletters that were finished more than so many days ago. */
export async function countForgettableDeliveries(db: EntityManager, days: number): Promise<number> {
  const [row] = await select<{ count: number }>(
    db,
    `SELECT COUNT(*) AS count FROM newsletter n JOIN delivery d ON d.newsletter_id = n.id WHERE ${OVER}`,
    [days],
  )
  return Number(row?.count ?? 0)
}

/** The newsletters they are of. */
export async function newslettersToForget(db: EntityManager, days: number): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT n.id FROM newsletter n WHERE ${OVER}
       AND EXISTS (SELECT 1 FROM delivery d WHERE d.newsletter_id = n.id) ORDER BY n.id`,
    [days],
  )
  return rows.map(row => row.id)
}

/**
 * Turns the next deliveries of one newsletter into counts, in the caller's transaction: the report adds up before, between
 * and after. Answers how many: 0 when none are left, or when the newsletter was taken up again. The database refuses
 * what is younger than 60 days, whatever it is asked.
 */
export async function forgetDeliveries(
  tx: EntityManager,
  newsletterId: number,
  days: number,
): Promise<number> {
  const [[row]]: [{ removed: number }[]] = await tx.query('CALL forget_deliveries(?, ?, ?)', [
    newsletterId,
    days,
    AT_ONCE,
  ])
  return row?.removed ?? 0
}
