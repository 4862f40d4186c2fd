import type { EntityManager } from 'typeorm'
import { write } from '../transaction'

const AT_ONCE = 1000

/** Removes log-ins that ran out and guesses no window counts any more. */
export async function forgetStaffLeftovers(db: EntityManager): Promise<void> {
  await write(db, `DELETE FROM staff_session WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT ${AT_ONCE}`)
  await write(
    db,
    `DELETE FROM staff_attempt WHERE since <= UTC_TIMESTAMP(3) - INTERVAL 1 DAY LIMIT ${AT_ONCE}`,
  )
}
