// The one way to write: a READ COMMITTED transaction, retried as a whole when the database asks for it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'

/** Deadlock, lock wait timeout, record changed since last read: on Galera they surface at COMMIT. */
const RETRY_ERRORS = new Set([1213, 1205, 1020])
export const MAX_TRIES = 6

/**
 * Runs the work in one transaction, READ COMMITTED as all of our connections are, and commits. On 1213, 1205 or 1020
 * everything is rolled back and the whole work runs again, up to 5 times with growing pauses; any other error rolls back
 * and is thrown on.
 */
export async function transaction<T>(db: DataSource, work: (tx: EntityManager) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction(work)
    } catch (error) {
      if (tries === MAX_TRIES || !isTransient(error)) throw error
      await sleep(Math.random() * 5 * 2 ** tries)
    }
  }
}

const errorNumber = (error: unknown): number => Number((error as { errno?: number } | undefined)?.errno ?? 0)

/** Whether the database asks for the whole transaction to be run again. */
export const isTransient = (error: unknown): boolean => RETRY_ERRORS.has(errorNumber(error))

/** Whether a write failed on a unique key (1062): somebody else wrote the same thing first. */
export const isDuplicate = (error: unknown): boolean => errorNumber(error) === 1062

/** Of the network and of mysql2. */
const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
])
/**
 * Of the server: disk full (1021, 1026, 1030, 1114), too many connections (1040, 1203), node not in sync (1047), shutting
 * down (1053), read-only (1290, 1792, 1836), connection killed (1927).
 */
const REFUSED_ERRORS = new Set([1021, 1026, 1030, 1040, 1047, 1053, 1114, 1203, 1290, 1792, 1836, 1927])

/**
 * Whether the database is away, hangs, is full or takes no writes: nothing is wrong with what was asked, it may be asked
 * again later. Whether it was done is not known where the connection was lost at COMMIT.
 */
export const isUnavailable = (error: unknown): boolean => {
  const { code, fatal } = (error ?? {}) as { code?: unknown; fatal?: unknown }
  return fatal === true || LOST_CODES.has(String(code)) || REFUSED_ERRORS.has(errorNumber(error))
}

/** Rows of a hand-written query, in snake_case as the columns are. */
export const select = <Row>(
  tx: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> => tx.query(sql, [...parameters])

/**
 * Now, by the database's clock: the clocks of processes may differ, and what is compared must come from one. It is the
 * moment this statement begins, so locks that decide an order are taken before it.
 */
export async function databaseTime(tx: EntityManager): Promise<Date> {
  const [row] = await select<{ now: Date }>(tx, 'SELECT UTC_TIMESTAMP(3) AS now')
  if (!row) throw new Error('The database has no time')
  return row.now
}

/** Runs a hand-written write and tells how many rows it touched (for INSERT IGNORE: how many it added). */
export async function write(
  tx: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<number> {
  const result: { affectedRows: number } = await tx.query(sql, [...parameters])
  return result.affectedRows
}
