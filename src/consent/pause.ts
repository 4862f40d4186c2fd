// A pause of everything, until a day. Its commit is a barrier like that of a withdrawal (I4).
import type { EntityManager } from 'typeorm'
import { skipQueued } from '../deliveries/skip-queued'
import { SkipReason } from '../entities/delivery'
import { Reader } from '../entities/reader'
import { databaseTime } from '../transaction'
import { changed, type ReaderChange } from './reader-change'
import { lockReader, touchReader } from './readers'

/**
 * Pauses all mail to the reader until then; null goes on with it. What is queued for the reader now is skipped and does
 * not come later. To end a pause, or end it earlier, needs a proof.
 */
export async function pause(
  tx: EntityManager,
  readerId: number,
  until: Date | null,
  isProved: boolean,
): Promise<ReaderChange> {
  const reader = await lockReader(tx, readerId)
  if (!reader) return changed()
  if (endsEarlier(reader.pausedUntil, until, await databaseTime(tx)) && !isProved)
    return { kind: 'needs-proof' }
  await touchReader(tx, reader.id)
  await tx.update(Reader, reader.id, { pausedUntil: until })
  return changed(until ? await skipQueued(tx, reader, undefined, SkipReason.PAUSED) : [])
}

/** Whether a pause that is on now would become shorter. */
export const endsEarlier = (from: Date | null, to: Date | null, now: Date): boolean =>
  from !== null && from > now && (to === null || to < from)
