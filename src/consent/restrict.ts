// Restriction (Art. 18 GDPR): the data is kept, nothing is sent. Like a withdrawal its commit is a barrier (I4).
import type { EntityManager } from 'typeorm'
import { skipQueued } from '../deliveries/skip-queued'
import { SkipReason } from '../entities/delivery'
import { Reader } from '../entities/reader'
import { write } from '../transaction'
import { touchReader } from './readers'

/** Repeating it keeps the first time. Undefined: there is no such reader any more. Answers what had already passed. */
export async function restrict(
  tx: EntityManager,
  readerId: number,
): Promise<{ alreadyPassed: string[] } | undefined> {
  if (!(await touchReader(tx, readerId))) return undefined
  const reader = await tx.findOneByOrFail(Reader, { id: readerId })
  if (reader.erasedAt) return undefined
  await write(
    tx,
    'UPDATE reader SET restricted_at = COALESCE(restricted_at, UTC_TIMESTAMP(3)) WHERE id = ?',
    [readerId],
  )
  return { alreadyPassed: await skipQueued(tx, reader, undefined, SkipReason.RESTRICTED) }
}

/** Mail goes on with the next newsletter; what was skipped meanwhile stays skipped. False: there is no such reader. */
export async function unrestrict(tx: EntityManager, readerId: number): Promise<boolean> {
  return (
    (await write(
      tx,
      'UPDATE reader SET restricted_at = NULL, version = version + 1 WHERE id = ? AND erased_at IS NULL',
      [readerId],
    )) === 1
  )
}
