// Which key the tokens in a newsletter's mails are made with.
import type { EntityManager } from 'typeorm'
import { select, write } from '../transaction'

/** How many started newsletters use this key: those still going out, and those that are over. */
export async function countTokenNewsletters(
  db: EntityManager,
  keyId: number,
): Promise<{ underWay: number; over: number }> {
  const [row] = await select<{ total: string; finished: string }>(
    db,
    'SELECT COUNT(*) AS total, COUNT(finished_at) AS finished FROM newsletter WHERE token_key_id = ?',
    [keyId],
  )
  const over = Number(row?.finished ?? 0)
  return { underWay: Number(row?.total ?? 0) - over, over }
}

/** What is composed again of finished newsletters takes the other key from now on. */
export const moveTokens = (tx: EntityManager, from: number, to: number): Promise<number> =>
  write(tx, 'UPDATE newsletter SET token_key_id = ? WHERE token_key_id = ? AND finished_at IS NOT NULL', [
    to,
    from,
  ])
