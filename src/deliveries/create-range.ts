// Expansion: one row per reader of the audience, and one range row per ~500 of them, set-based.
import type { EntityManager } from 'typeorm'
import { select, write } from '../transaction'
import { openStatus } from './open-status'

/** perf rules: 100 costs about 12 % more per reader, 1000 gains nothing. */
export const RANGE_SIZE = 500

/** SQL over the aliases `r` (reader) and `c` (consent), with its parameters. */
export interface AudienceSql {
  purposeId: number
  condition: string
  parameters: readonly unknown[]
  skipReason: string
}

/**
 * Creates the next range after the last one, with a delivery for each reader in it: queued, or skipped with the reason;
 * in a newsletter cancelled meanwhile, cancelled instead of queued, so that everybody still has an account (I2). Returns false when the audience is used up. Run again after a crash it continues; rows that exist are left alone.
 */
export async function createNextRange(
  tx: EntityManager,
  newsletterId: number,
  audience: AudienceSql,
): Promise<boolean> {
  const open = await openStatus(tx, newsletterId)
  const [last] = await select<{ until: number | null }>(
    tx,
    'SELECT MAX(to_reader_id) AS until FROM delivery_range WHERE newsletter_id = ?',
    [newsletterId],
  )
  const [bounds] = await select<{ first: number | null; last: number | null }>(
    tx,
    `SELECT MIN(id) AS first, MAX(id) AS last FROM (SELECT r.id FROM consent c JOIN reader r ON r.id = c.reader_id
       WHERE c.purpose_id = ? AND c.reader_id > ? AND ${audience.condition} ORDER BY c.reader_id LIMIT ?) AS chunk`,
    [audience.purposeId, last?.until ?? 0, ...audience.parameters, RANGE_SIZE],
  )
  if (!bounds?.first || !bounds.last) return false
  await write(
    tx,
    'INSERT INTO delivery_range (newsletter_id, from_reader_id, to_reader_id) VALUES (?, ?, ?)',
    [newsletterId, bounds.first, bounds.last],
  )
  await write(
    tx,
    `INSERT INTO delivery (newsletter_id, reader_id, status, skip_reason, at)
     SELECT ?, id, IF(reason IS NULL, ?, 'skipped'), reason, UTC_TIMESTAMP(3) FROM
       (SELECT r.id, ${audience.skipReason} AS reason FROM consent c JOIN reader r ON r.id = c.reader_id
        WHERE c.purpose_id = ? AND c.reader_id BETWEEN ? AND ? AND ${audience.condition}) AS audience
     ON DUPLICATE KEY UPDATE newsletter_id = VALUES(newsletter_id)`,
    [newsletterId, open, audience.purposeId, bounds.first, bounds.last, ...audience.parameters],
  )
  return true
}
