import type { EntityManager } from 'typeorm'
import { write } from '../transaction'

/** Codes and sessions that have run out go; at most 1,000 of each at a time. */
export async function forgetLogIns(db: EntityManager): Promise<void> {
  await write(db, 'DELETE FROM reader_code WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT 1000')
  await write(db, 'DELETE FROM reader_session WHERE expires_at <= UTC_TIMESTAMP(3) LIMIT 1000')
}
