// The sweep: finds what the rows say is due and wakes somebody for it. One leader at a time, by a lease row.
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { dueNewsletters } from '../newsletters/due'
import { step } from '../steps'
import { select, write } from '../transaction'
import type { WorkerContext } from './context'

const ROLE = 'sweep'
const NOTICES_AT_ONCE = 500

/** Sweeps every SWEEP_SECONDS until stopped. Returns the function that stops it and waits for the present round. */
export function startSweep(context: WorkerContext): () => Promise<void> {
  const holder = randomUUID()
  let round = Promise.resolve()
  const timer = setInterval(() => {
    round = round
      .then(() => sweepOnce(context, holder))
      .catch(error => context.log.error({ err: error }, 'the sweep failed'))
  }, context.config.sweepMs)
  return async () => {
    clearInterval(timer)
    await round
  }
}

async function sweepOnce(context: WorkerContext, holder: string): Promise<void> {
  const { db, enqueue, config } = context
  step('sweep.before')
  if (!(await isLeader(db.manager, holder, config.sweepMs * 3))) return
  step('sweep.leader')
  for (const id of await dueNotices(db.manager)) await enqueue.notice(id)
  const due = await dueNewsletters(db.manager)
  for (const id of due.expand) await enqueue.expand(id)
  for (const id of due.deliver) await enqueue.deliver(id)
  await forgetUnconfirmed(db.manager)
  step('sweep.after')
}

async function isLeader(db: EntityManager, holder: string, leaseMs: number): Promise<boolean> {
  await write(db, "INSERT IGNORE INTO lease (role, holder, until) VALUES (?, '', UTC_TIMESTAMP(3))", [ROLE])
  const taken = await write(
    db,
    `UPDATE lease SET holder = ?, until = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
     WHERE role = ? AND (holder = ? OR until <= UTC_TIMESTAMP(3))`,
    [holder, leaseMs * 1000, ROLE, holder],
  )
  return taken === 1
}

/** Due and free; or left past its gate by a killed worker, which the claim then counts as unknown. */
async function dueNotices(db: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT id FROM notice WHERE state IN ('queued', 'sending') AND due_at <= UTC_TIMESTAMP(3)
       AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3)) ORDER BY id LIMIT ?`,
    [NOTICES_AT_ONCE],
  )
  return rows.map(row => row.id)
}

/** standards O7: what was not confirmed goes when its link ends. */
const forgetUnconfirmed = (db: EntityManager): Promise<number> =>
  write(
    db,
    'DELETE FROM registration WHERE confirmed_at IS NULL AND expires_at <= UTC_TIMESTAMP(3) LIMIT 1000',
  )
