import type { EntityManager } from 'typeorm'
import { select, write } from '../transaction'

/** Readers looked at per call: a few thousand short index ranges. */
const CHUNK = 5_000
/** The longest window of the site's ceiling (standards §N). */
export const CEILING_DAYS = 30

/** For how many days a frequency cap may still count a send: by the ceiling, and by what the topics promise. */
async function countedDays(db: EntityManager): Promise<number> {
  const [topics] = await select<{ days: number | null }>(db, 'SELECT MAX(per_days) AS days FROM topic')
  return Math.max(CEILING_DAYS, Number(topics?.days ?? 0)) + 1
}

/** How many sends no frequency cap counts any more. */
export async function countForgettableSends(db: EntityManager): Promise<number> {
  const [row] = await select<{ count: number }>(
    db,
    'SELECT COUNT(*) AS count FROM reader_send WHERE at < UTC_TIMESTAMP(3) - INTERVAL ? DAY',
    [await countedDays(db)],
  )
  return Number(row?.count ?? 0)
}

/**
 * Removes sends that no frequency cap counts any more, of the next readers after this one. `next` is the reader to go on
 * after; 0 at the end, to begin anew.
 */
export async function forgetSends(
  tx: EntityManager,
  afterReaderId: number,
): Promise<{ removed: number; next: number }> {
  const [chunk] = await select<{ until: number | null }>(
    tx,
    `SELECT MAX(id) AS until FROM (SELECT id FROM reader WHERE id > ? ORDER BY id LIMIT ?) AS chunk`,
    [afterReaderId, CHUNK],
  )
  if (!chunk?.until) return { removed: 0, next: 0 }
  const removed = await write(
    tx,
    'DELETE FROM reader_send WHERE reader_id > ? AND reader_id <= ? AND at < UTC_TIMESTAMP(3) - INTERVAL ? DAY',
    [afterReaderId, chunk.until, await countedDays(tx)],
  )
  return { removed, next: chunk.until }
}
