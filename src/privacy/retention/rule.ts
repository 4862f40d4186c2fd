import type { DataSource, EntityManager } from 'typeorm'
import type { Kept } from '../../entities/personal'
import { select, transaction, write } from '../../transaction'
import type { Periods } from './periods'

/** Ends one kind of data when its period is over. What is over is decided by the database's clock. */
export interface RetentionRule {
  /** For people, and for the diary of runs: at most 40 characters. */
  name: string
  kept: Kept
  /** The tables it takes rows out of. */
  tables: readonly string[]
  /** What has hours or less is removed with every sweep, all else once a day. */
  every: 'SWEEP' | 'DAY'
  /** How many rows would go now. */
  count(db: EntityManager, periods: Periods): Promise<number>
  /**
   * Removes them in batches, each in a short transaction of its own, and yields how many each removed. It can be left at
   * any batch and begun anew: what is left is found again.
   */
  forget(db: DataSource, periods: Periods): AsyncGenerator<number>
}

const AT_ONCE = 1_000

/** A rule for rows of one table that are told by a condition of their own. */
export function rowsOf(
  table: string,
  about: Pick<RetentionRule, 'name' | 'kept' | 'every'>,
  isOver: (periods: Periods) => string,
): RetentionRule {
  return {
    ...about,
    tables: [table],
    async count(db, periods) {
      const [row] = await select<{ count: number }>(
        db,
        `SELECT COUNT(*) AS count FROM ${table} WHERE ${isOver(periods)}`,
      )
      return Number(row?.count ?? 0)
    },
    forget: (db, periods) =>
      inBatches(() =>
        transaction(db, tx => write(tx, `DELETE FROM ${table} WHERE ${isOver(periods)} LIMIT ${AT_ONCE}`)),
      ),
  }
}

/** Does it again until nothing is left. */
export async function* inBatches(batch: () => Promise<number>): AsyncGenerator<number> {
  for (let removed = await batch(); removed > 0; removed = await batch()) yield removed
}
