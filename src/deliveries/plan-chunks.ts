// The first half of expansion: a topic's readers are cut into chunks, which several connections then work off.
import type { EntityManager } from 'typeorm'
import { DeliveryChunk } from '../entities/delivery-chunk'
import { select, write } from '../transaction'

/** Readers per chunk, one transaction each: long enough to be fast, short enough that pause and cancel need not wait. */
const CHUNK_SIZE = 10_000
/** Chunks planned in one transaction. Each costs a millisecond, and the newsletter's row is locked meanwhile. */
const CHUNKS_AT_ONCE = 50
/** The greatest reader id there can be. */
const LAST_ID = 2 ** 32 - 1

/**
 * Plans the next chunks after those planned before; false when all were planned already. The newsletter's row lock keeps
 * planners apart, so every reader is in exactly one chunk. The last chunk has no end: who confirms later than the
 * newsletter's start is not of its audience.
 */
export async function planChunks(
  tx: EntityManager,
  newsletterId: number,
  purposeId: number,
): Promise<boolean> {
  const [newsletter] = await select<{ expanded_until: number }>(
    tx,
    'SELECT expanded_until FROM newsletter WHERE id = ? FOR UPDATE',
    [newsletterId],
  )
  let after = newsletter?.expanded_until ?? LAST_ID
  if (after === LAST_ID) return false
  const rows: [newsletterId: number, after: number, until: number][] = []
  while (after < LAST_ID && rows.length < CHUNKS_AT_ONCE) {
    const until = await chunkEnd(tx, purposeId, after)
    rows.push([newsletterId, after, until])
    after = until
  }
  await write(tx, 'INSERT INTO delivery_chunk (newsletter_id, after_reader_id, to_reader_id) VALUES ?', [
    rows,
  ])
  await write(tx, 'UPDATE newsletter SET expanded_until = ? WHERE id = ?', [after, newsletterId])
  return true
}

/** The last reader of the next chunk. Without the hint MariaDB walks all of the topic's consents from the first one on. */
async function chunkEnd(tx: EntityManager, purposeId: number, after: number): Promise<number> {
  const [last] = await select<{ reader_id: number }>(
    tx,
    `SELECT reader_id FROM consent FORCE INDEX (PRIMARY)
     WHERE purpose_id = ? AND reader_id > ? ORDER BY reader_id LIMIT 1 OFFSET ?`,
    [purposeId, after, CHUNK_SIZE - 1],
  )
  return last?.reader_id ?? LAST_ID
}

/** Whether deliveries of the newsletter are still to be made, be it that somebody is at it right now. */
export const hasChunks = (tx: EntityManager, newsletterId: number): Promise<boolean> =>
  tx.existsBy(DeliveryChunk, { newsletterId })
