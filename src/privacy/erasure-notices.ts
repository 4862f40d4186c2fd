// Whoever was given data of somebody who was erased is told to erase it too, and says when it has (Art. 17(2), 19 GDPR).
import type { EntityManager } from 'typeorm'
import { ErasureNotice } from '../entities/processor-reader'
import { write } from '../transaction'

/** Writes a notice for every processor that knows this reader. To be called before their numbers go with the reader. */
export const noticeErasure = (tx: EntityManager, readerId: number): Promise<number> =>
  write(
    tx,
    `INSERT INTO erasure_notice (public_id, processor_id, ref, requested_at, due_at)
     SELECT UUID(), processor_id, ref, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 MONTH
     FROM processor_reader WHERE reader_id = ?`,
    [readerId],
  )

/** What this processor has to erase and has not confirmed, the oldest first, at most 100. */
export const openNotices = (db: EntityManager, processorId: number): Promise<ErasureNotice[]> =>
  db
    .createQueryBuilder(ErasureNotice, 'notice')
    .where('notice.processorId = :processorId AND notice.acknowledgedAt IS NULL', { processorId })
    .orderBy('notice.id')
    .take(100)
    .getMany()

/**
 * Notes that this processor has erased what it had. `unknown`: no such notice of its own; `impossible`: not between the
 * notice and now. Again is the same as once.
 */
export async function acknowledgeErasure(
  tx: EntityManager,
  processorId: number,
  publicId: string,
  erasedAt: Date,
): Promise<'done' | 'unknown' | 'impossible'> {
  const notice = await tx.findOne(ErasureNotice, {
    where: { publicId, processorId },
    lock: { mode: 'pessimistic_write' },
  })
  if (!notice) return 'unknown'
  if (notice.acknowledgedAt) return 'done'
  const noted = await write(
    tx,
    `UPDATE erasure_notice SET erased_at = ?, acknowledged_at = UTC_TIMESTAMP(3)
     WHERE id = ? AND ? BETWEEN requested_at AND UTC_TIMESTAMP(3)`,
    [erasedAt, notice.id, erasedAt],
  )
  return noted === 1 ? 'done' : 'impossible'
}
