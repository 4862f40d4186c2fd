// Holds the site after a restore: no gate passes until an operator releases it (I14). An editor then decides on each newsletter.
import type { EntityManager } from 'typeorm'
import { PauseReason } from '../entities/newsletter'
import { Site } from '../entities/site'
import { databaseTime, select, write } from '../transaction'

/** Whether a restore waits for its release. In a transaction with `lock` no hold begins before its end. */
export async function isHeld(db: EntityManager, lock: '' | 'LOCK IN SHARE MODE' = ''): Promise<boolean> {
  const [site] = await select<{ held: number }>(
    db,
    `SELECT held_at IS NOT NULL AS held FROM site WHERE id = 1 ${lock}`,
  )
  return Number(site?.held ?? 0) === 1
}

const RESTORED_DETAIL = 'The database was restored: what was sent after the backup is not known here'

/** After its commit nothing is sent. What was going out, or was due, becomes PAUSED. Holding twice keeps the first. */
export async function hold(tx: EntityManager, reason: string): Promise<void> {
  const site = await tx.findOneOrFail(Site, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } })
  if (site.heldAt) return
  await tx.update(Site, 1, { heldAt: await databaseTime(tx), heldReason: reason })
  await write(
    tx,
    `${PAUSE} WHERE status = 'SENDING' OR (status = 'SCHEDULED' AND send_at <= UTC_TIMESTAMP(3))`,
    [PauseReason.RESTORED, RESTORED_DETAIL],
  )
}

/** Ends the hold. What became due meanwhile, and no editor has touched since, is paused like the rest. */
export async function endHold(tx: EntityManager): Promise<void> {
  const site = await tx.findOneOrFail(Site, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } })
  await write(tx, `${PAUSE} WHERE status = 'SCHEDULED' AND send_at <= UTC_TIMESTAMP(3) AND updated_at < ?`, [
    PauseReason.RESTORED,
    RESTORED_DETAIL,
    site.heldAt,
  ])
  await tx.update(Site, 1, { heldAt: null, heldReason: null })
}

const PAUSE = "UPDATE newsletter SET status = 'PAUSED', pause_reason = ?, pause_detail = ?"
