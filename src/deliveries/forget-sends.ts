import type { EntityManager } from 'typeorm'
import { select, write } from '../transaction'

/** Readers looked at per call: a few thousand short index ranges. */
const CHUNK = 5_000
/** The longest window of the site's ceiling (standards §N). */
const CEILING_DAYS = 30

/**
 * Removes sends that no frequency cap counts any more, of the next readers after this one. Answers the reader to go on
 * after; 0 at the end, to begin anew.
 */
export async function forgetSends(tx: EntityManager, afterReaderId: number): Promise<number> {
  const [chunk] = await select<{ until: number | null; days: number | null }>(
    tx,
    `SELECT MAX(id) AS until, (SELECT MAX(per_days) FROM topic) AS days
     FROM (SELECT id FROM reader WHERE id > ? ORDER BY id LIMIT ?) AS chunk`,
    [afterReaderId, CHUNK],
  )
  if (!chunk?.until) return 0
  await write(
    tx,
    'DELETE FROM reader_send WHERE reader_id > ? AND reader_id <= ? AND at < UTC_TIMESTAMP(3) - INTERVAL ? DAY',
    [afterReaderId, chunk.until, Math.max(CEILING_DAYS, Number(chunk.days ?? 0)) + 1],
  )
  return chunk.until
}
