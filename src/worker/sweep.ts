// The sweep: finds what the rows say is due and wakes somebody for it. One leader at a time, by a lease row.
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { keepEpoch } from '../consent/epoch'
import { noticeKinds } from '../entities/notice'
import type { Log } from '../log'
import { closeWindow } from '../newsletters/close-window'
import { dueNewsletters } from '../newsletters/due'
import { dueRequests } from '../privacy/data-requests'
import { endStaleExports } from '../privacy/export'
import { step } from '../steps'
import { isUnavailable, select } from '../transaction'
import type { WorkerContext } from './context'
import { type CheckpointKeeper, createCheckpointKeeper } from './keep-checkpoints'
import { createJournalKeeper, type JournalKeeper } from './keep-journal'
import { createLinkKeeper, type LinkKeeper } from './keep-links'
import { createRetentionKeeper, type RetentionKeeper } from './keep-retention'
import { takeLease } from './lease'
import { createRelayWatch } from './relay-agreements'
import { askToRenew, expire } from './renewal-round'
import { tellReaders } from './tell-disclosed'

const NOTICES_AT_ONCE = 500

/** What is looked after beside the sending. */
interface Keepers {
  journal: JournalKeeper
  checkpoints: CheckpointKeeper
  retention: RetentionKeeper
  relays: { look(): Promise<void> }
  links: LinkKeeper
}

/** Sweeps every SWEEP_SECONDS until stopped. Returns the function that stops it and waits for the present round. */
export function startSweep(context: WorkerContext): () => Promise<void> {
  const holder = randomUUID()
  const journal = createJournalKeeper(context, holder)
  const checkpoints = createCheckpointKeeper(context)
  let round = Promise.resolve()
  const retention = createRetentionKeeper(context)
  const relays = createRelayWatch(context)
  const links = createLinkKeeper(context)
  const swept: Swept = { expiredUntil: 0, askedUntil: 0 }
  const outage = createOutage(context.log)
  const timer = setInterval(() => {
    round = round
      .then(() => sweepOnce(context, holder, { journal, checkpoints, retention, relays, links }, swept))
      .then(outage.over, outage.seen)
  }, context.config.sweepMs)
  return async () => {
    clearInterval(timer)
    await round
    await checkpoints.end()
    await links.end()
  }
}

/** Says once that the database is away, and once that it is back; any other failure each time. */
function createOutage(log: Log): { seen(error: unknown): void; over(): void } {
  let isAway = false
  return {
    seen(error) {
      const wasAway = isAway
      isAway = isUnavailable(error)
      if (!isAway) log.error({ err: error }, 'the sweep failed')
      else if (!wasAway)
        log.error({ err: error }, 'the database is away or takes no writes: nothing is sent until it does')
    },
    over() {
      if (isAway) log.info('the database is back')
      isAway = false
    },
  }
}

/** How far the slow rounds over all readers have come. */
interface Swept {
  expiredUntil: number
  askedUntil: number
}

async function sweepOnce(
  context: WorkerContext,
  holder: string,
  { journal, checkpoints, retention, relays, links }: Keepers,
  swept: Swept,
): Promise<void> {
  const { db, enqueue, config, log } = context
  step('sweep.before')
  const isLeader = await takeLease(db.manager, 'sweep', holder, config.sweepMs * 3)
  const epoch = await keepEpoch(db, config.stateDir, { renew: isLeader })
  if (epoch === 'restored') log.error('the database was restored: nothing is sent until it is released')
  if (epoch !== 'ours') return
  const ownsStateDir = await journal.keep()
  checkpoints.keep({ isLeader, ownsStateDir })
  const due = await dueNewsletters(db.manager)
  // Every worker by itself: all of them share what there is to deliver.
  for (const id of due.deliver) context.deliver(id)
  if (!isLeader) return
  step('sweep.leader')
  await relays.look()
  links.keep()
  for (const id of due.expand) await enqueue.expand(id)
  for (const id of await dueNotices(db.manager)) {
    if (context.stopping.aborted) return
    await enqueue.notice(id)
  }
  for (const id of await dueRequests(db.manager)) await enqueue.dataRequest(id)
  for (const id of due.close) await closeWindow(db, id)
  await endStaleExports(db.manager)
  await tellReaders(context)
  swept.expiredUntil = await expire(context, swept.expiredUntil)
  swept.askedUntil = await askToRenew(context, swept.askedUntil)
  await retention.keep()
  step('sweep.after')
}

/**
 * Due and free; or left past its gate by a killed worker, which the claim then counts as unknown. Kinds that only a newer
 * version knows are left to its workers, and take nobody's place here.
 */
async function dueNotices(db: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT id FROM notice WHERE state IN ('queued', 'sending') AND due_at <= UTC_TIMESTAMP(3)
       AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3)) AND kind IN (?) ORDER BY id LIMIT ?`,
    [noticeKinds, NOTICES_AT_ONCE],
  )
  return rows.map(row => row.id)
}
