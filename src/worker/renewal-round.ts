// Two slow rounds over all readers, some thousands at each sweep: whose yes is over, and who has to be asked to renew.
import type { EntityManager } from 'typeorm'
import { expireConsents, readersToExpire } from '../consent/expire'
import { renewalsDue } from '../consent/renewals-due'
import { queueRenewals } from '../notices/queue-renewals'
import { step } from '../steps'
import { isUnavailable, select, transaction } from '../transaction'
import type { WorkerContext } from './context'

/** Readers looked at per call: a few thousand short index ranges. */
const CHUNK = 5_000
const EXPIRED_AT_ONCE = 500
/** Mails of this kind that may wait at once: they are many on one day, and nobody waits for them as for a log-in. */
const ASKED_AT_ONCE = 100

/** Writes down what is over. Answers the reader to go on after; 0 at the end, to begin anew. */
export async function expire({ db, log, stopping }: WorkerContext, after: number): Promise<number> {
  const until = await endOfChunk(db.manager, after)
  const readerIds = await readersToExpire(db.manager, { after, until }, EXPIRED_AT_ONCE)
  for (const readerId of readerIds) {
    if (stopping.aborted) return after
    try {
      await transaction(db, tx => expireConsents(tx, readerId))
    } catch (error) {
      if (isUnavailable(error)) throw error
      // One broken row must not keep the others from being written down; its yes is good for no mail either way.
      log.error({ readerId, err: error }, 'what is over could not be written down')
    }
  }
  return readerIds.length < EXPIRED_AT_ONCE ? until : (readerIds.at(-1) ?? until)
}

/** Queues the mails that are due, while the site may send. Answers the reader to go on after; 0 at the end, to begin anew. */
export async function askToRenew(context: WorkerContext, after: number): Promise<number> {
  const { db, keyring, enqueue } = context
  const free = await freePlaces(db.manager)
  if (free <= 0) return after
  const until = await endOfChunk(db.manager, after)
  const due = await renewalsDue(db.manager, { after, until }, free)
  const noticeIds = await transaction(db, tx => queueRenewals(tx, keyring, due))
  step('renewals.after')
  for (const id of noticeIds) await enqueue.notice(id)
  return due.length < free ? until : (due.at(-1)?.readerId ?? until)
}

/** How many more may be queued; none while the site is stopped or held. */
async function freePlaces(db: EntityManager): Promise<number> {
  const [row] = await select<{ waiting: number; sends: number }>(
    db,
    `SELECT (SELECT COUNT(*) FROM notice WHERE state IN ('queued', 'sending') AND kind = 'renewal') AS waiting,
       EXISTS (SELECT 1 FROM site WHERE id = 1 AND stopped_at IS NULL AND held_at IS NULL) AS sends`,
  )
  return row && Number(row.sends) === 1 ? ASKED_AT_ONCE - Number(row.waiting) : 0
}

async function endOfChunk(db: EntityManager, after: number): Promise<number> {
  const [chunk] = await select<{ until: number | null }>(
    db,
    'SELECT MAX(id) AS until FROM (SELECT id FROM reader WHERE id > ? ORDER BY id LIMIT ?) AS chunk',
    [after, CHUNK],
  )
  return Number(chunk?.until ?? 0)
}
