// The limits per day: counted in MariaDB, before anything goes out. Losing Redis or a worker never lets more pass.
import type { DataSource, EntityManager } from 'typeorm'
import { select, transaction, write } from '../transaction'
import type { Used } from './rate-groups'

export interface Today {
  /** The UTC day by the database clock, as YYYY-MM-DD. */
  day: string
  endsInMs: number
  used: Used
}

/** Longer than the 30 idle days after which a sender counts as new. */
const KEPT_DAYS = 31

/** What has passed today so far. Locks nothing: `reserve` decides. */
export async function readToday(db: DataSource, buckets: readonly string[]): Promise<Today> {
  const rows = await select<{ day: string; endsInMs: number; bucket: string | null; used: number }>(
    db.manager,
    `SELECT DATE_FORMAT(t.day, '%Y-%m-%d') AS day, t.ends_in_ms AS endsInMs, d.bucket, d.used
     FROM (SELECT UTC_DATE() AS day,
         TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), UTC_DATE() + INTERVAL 1 DAY) DIV 1000 AS ends_in_ms) t
       LEFT JOIN send_day d ON d.day = t.day AND d.bucket IN (?)`,
    [buckets],
  )
  const [{ day, endsInMs } = { day: '', endsInMs: 0 }] = rows
  const used = new Map(rows.flatMap(row => (row.bucket === null ? [] : [[row.bucket, row.used] as const])))
  return { day, endsInMs, used }
}

/**
 * Locks the day's counters in key order, asks `decide` with what they say, and adds what it answers, by bucket.
 * Answers what the counters say then.
 * `decide` runs again when the database asks for a retry. A commit whose answer is lost under-uses the limit.
 */
export function reserve(
  db: DataSource,
  day: string,
  buckets: readonly string[],
  decide: (used: Used) => ReadonlyMap<string, number>,
): Promise<Used> {
  return transaction(db, async tx => {
    // Creates missing rows and locks the others exclusively at once; INSERT IGNORE would share them first and deadlock.
    await add(tx, day, new Map(buckets.map(bucket => [bucket, 0])))
    const rows = await select<{ bucket: string; used: number }>(
      tx,
      'SELECT bucket, used FROM send_day WHERE day = ? AND bucket IN (?) ORDER BY bucket FOR UPDATE',
      [day, buckets],
    )
    const used = new Map(rows.map(row => [row.bucket, row.used]))
    const counts = decide(used)
    await add(tx, day, counts)
    for (const [bucket, count] of counts) used.set(bucket, (used.get(bucket) ?? 0) + count)
    return used
  })
}

async function add(tx: EntityManager, day: string, counts: ReadonlyMap<string, number>): Promise<void> {
  if (counts.size === 0) return
  await write(
    tx,
    `INSERT INTO send_day (day, bucket, used) VALUES ?
     ON DUPLICATE KEY UPDATE used = used + VALUES(used)`,
    [inKeyOrder(counts).map(([bucket, count]) => [day, bucket, count])],
  )
}

/** Takes back what was reserved on that day and did not go out. */
export async function giveBackDay(
  db: DataSource,
  day: string,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  await transaction(db, async tx => {
    for (const [bucket, count] of inKeyOrder(counts))
      await write(tx, 'UPDATE send_day SET used = used - ? WHERE day = ? AND bucket = ? AND used >= ?', [
        count,
        day,
        bucket,
        count,
      ])
  })
}

/** Removes counters nobody asks for any more, some at a time. */
export async function forgetOldDays(db: DataSource): Promise<void> {
  await write(db.manager, 'DELETE FROM send_day WHERE day < UTC_DATE() - INTERVAL ? DAY LIMIT 10000', [
    KEPT_DAYS,
  ])
}

const inKeyOrder = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
