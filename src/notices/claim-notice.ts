// Claiming and settling notices: the same protocol as deliveries, one row at a time.
import type { EntityManager } from 'typeorm'
import { Notice, type NoticeState, noticeKinds } from '../entities/notice'
import { databaseTime, write } from '../transaction'

/**
 * Takes the notice if it is due and free, and the site not held. One that a killed worker left past its gate becomes
 * `unknown` and is not taken: a mail that may be out is not sent again by itself. One of a kind that only a newer version
 * knows is left to that.
 */
export async function claimNotice(
  tx: EntityManager,
  id: number,
  leaseMs: number,
): Promise<Notice | undefined> {
  await write(
    tx,
    `UPDATE notice SET state = 'unknown', at = UTC_TIMESTAMP(3)
     WHERE id = ? AND state = 'sending' AND lease_until <= UTC_TIMESTAMP(3) AND kind IN (?)`,
    [id, noticeKinds],
  )
  const claimed = await write(
    tx,
    `UPDATE notice SET fence = fence + 1, lease_until = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
     WHERE id = ? AND state = 'queued' AND kind IN (?) AND due_at <= UTC_TIMESTAMP(3)
       AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))
       AND NOT EXISTS (SELECT 1 FROM site WHERE held_at IS NOT NULL)`,
    [leaseMs * 1000, id, noticeKinds],
  )
  return claimed === 1 ? tx.findOneByOrFail(Notice, { id }) : undefined
}

/** Lengthens the lease of a notice that is on its way; does nothing once the claim is lost. */
export const renewNotice = (tx: EntityManager, notice: Notice, leaseMs: number): Promise<number> =>
  write(
    tx,
    `UPDATE notice SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
     WHERE id = ? AND fence = ? AND lease_until > UTC_TIMESTAMP(3)`,
    [leaseMs * 1000, notice.id, notice.fence],
  )

/** standards §N: 5, 10, 20, 40 min, 1.5 h, 3 h, 6 h, 12 h; given up after 24 h, before the link ends. */
const RETRY_MINUTES = [5, 10, 20, 40, 90, 180, 360, 720]
const GIVE_UP_MS = 24 * 3_600_000

export interface NoticeSettlement {
  state: NoticeState
  outcome?: string
  diagnostic?: string
}

/** Ends the claim with the state reached; `queued` means tried again after a pause, or failed after 24 hours. */
export async function settleNotice(
  tx: EntityManager,
  notice: Notice,
  { state, outcome, diagnostic }: NoticeSettlement,
): Promise<void> {
  const age = (await databaseTime(tx)).getTime() - notice.createdAt.getTime()
  const isTooOld = state === 'queued' && age > GIVE_UP_MS
  const minutes = RETRY_MINUTES[Math.min(notice.attempts, RETRY_MINUTES.length - 1)] ?? 5
  await write(
    tx,
    `UPDATE notice SET state = ?, outcome = ?, diagnostic = ?, content_hash = ?, lease_until = NULL,
       at = UTC_TIMESTAMP(3), attempts = attempts + 1, due_at = due_at + INTERVAL ? MINUTE
     WHERE id = ? AND fence = ? AND state IN ('queued', 'sending', 'unknown')`,
    [
      isTooOld ? 'failed' : state,
      outcome ?? null,
      diagnostic ?? null,
      notice.contentHash,
      state === 'queued' ? minutes : 0,
      notice.id,
      notice.fence,
    ],
  )
}
