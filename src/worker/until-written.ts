import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { isTransient, isUnavailable, transaction } from '../transaction'

const AGAIN_MS = 500

/**
 * Writes what only this process knows, such as what became of a message: while the database is away or takes no writes it
 * is tried again, until it is written. `work` must do no harm when it had been committed before and only the answer was
 * lost.
 */
export async function untilWritten(
  db: DataSource,
  work: (tx: EntityManager) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await transaction(db, work)
    } catch (error) {
      if (!isUnavailable(error) && !isTransient(error)) throw error
    }
    await sleep(AGAIN_MS)
  }
}
