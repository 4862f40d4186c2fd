// The reader is told that their data was released, as soon as that is allowed.
import type { EntityManager } from 'typeorm'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import type { Reader } from '../entities/reader'
import { databaseTime, select } from '../transaction'
import { lockPresentReader } from './lawful-disclosures'

/** Writes the mail and answers its id. */
export type QueueMail = (tx: EntityManager, reader: Reader) => Promise<number>

const UNTOLD = `l.handed_out_at IS NOT NULL AND l.told_at IS NULL
  AND (l.tell_not_before IS NULL OR l.tell_not_before <= UTC_TIMESTAMP(3))`

/** What was handed out and has still to be told, now that it may be. Who is erased cannot be reached any more. */
export async function untoldDisclosures(db: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT l.id FROM lawful_disclosure l JOIN reader r ON r.id = l.reader_id AND r.address_hash IS NOT NULL
     WHERE ${UNTOLD} ORDER BY l.id LIMIT 100`,
  )
  return rows.map(({ id }) => id)
}

/** Has the mail written, once. Undefined: it was before, must not be yet, or there is nobody to tell. */
export async function tellDisclosed(
  tx: EntityManager,
  id: number,
  queue: QueueMail,
): Promise<number | undefined> {
  const found = await tx.findOneBy(LawfulDisclosure, { id })
  const reader = found && (await lockPresentReader(tx, found.readerId))
  if (!reader) return undefined
  const due = await select(tx, `SELECT 1 FROM lawful_disclosure l WHERE l.id = ? AND ${UNTOLD} FOR UPDATE`, [
    id,
  ])
  if (due.length === 0) return undefined
  const noticeId = await queue(tx, reader)
  await tx.update(LawfulDisclosure, id, { toldAt: await databaseTime(tx), noticeId })
  return noticeId
}
