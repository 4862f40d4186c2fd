// Delivering one newsletter: claims ranges and due retries until none is free, then tries to finish it.
import {
  claimRange,
  claimRetries,
  type RangeClaim,
  type RetryClaim,
  releaseRange,
  releaseRetries,
  renewLease,
  renewRetries,
} from '../deliveries/claim'
import { dropRetriesIn } from '../deliveries/drop-retries'
import { finish } from '../newsletters/finish'
import { step } from '../steps'
import { select, transaction } from '../transaction'
import type { WorkerContext } from './context'
import { type Delivering, handOffBatch } from './hand-off-batch'
import { loadRange, loadReaders } from './load-deliveries'
import { forgetNewsletter, loadNewsletter } from './load-newsletter'
import { mayUseRelays } from './relay-agreements'
import { settleCancelled } from './settle-cancelled'
import { SilentDomains } from './silent-domains'
import { Turns } from './turns'

const RETRIES_AT_ONCE = 50
/** A retry that could not be made now is due again after this. */
const LATER_MS = 5_000
/** While the last messages of one range are answered, the next ones are on their way. */
const RANGES_AT_ONCE = 4

/** `onHalt` is told when nothing more can go now, although messages under way may still take long to end. */
export async function deliverNewsletter(
  context: WorkerContext,
  newsletterId: number,
  onHalt: () => void = () => {},
): Promise<void> {
  await settleCancelled(context, newsletterId)
  if (await mayGoOn(context, newsletterId)) {
    const mail = await loadNewsletter(context, newsletterId)
    const { connections } = context.smtp
    const delivering: Delivering = {
      context,
      mail,
      lane: String(newsletterId),
      silent: new SilentDomains(),
      turns: new Turns(connections * 2),
      isHalted: false,
      onHalt,
      mayGoOn: () => mayGoOn(context, newsletterId),
    }
    const ended = await Promise.allSettled([
      ...Array.from({ length: RANGES_AT_ONCE }, () => deliverRanges(delivering)),
      deliverRetries(delivering),
    ])
    forgetNewsletter(context, newsletterId)
    const failed = ended.find(one => one.status === 'rejected')
    if (failed) throw failed.reason
  }
  if (context.stopping.aborted || !(await transaction(context.db, tx => finish(tx, newsletterId)))) return
  context.log.info({ newsletterId }, 'newsletter finished')
}

/** Asked before each claim; the gate asks again for each message. */
async function mayGoOn(context: WorkerContext, newsletterId: number): Promise<boolean> {
  const { db, stopping } = context
  if (stopping.aborted || !context.isRedisThere()) return false
  if (!(await mayUseRelays(context))) return false
  const rows = await select(
    db.manager,
    `SELECT 1 FROM newsletter n JOIN site s ON s.id = 1
     WHERE n.id = ? AND n.status = 'SENDING' AND n.expanded_at IS NOT NULL AND s.stopped_at IS NULL AND s.held_at IS NULL
       AND (n.expires_at IS NULL OR n.expires_at > UTC_TIMESTAMP(3))`,
    [newsletterId],
  )
  return rows.length === 1
}

async function deliverRanges(delivering: Delivering): Promise<void> {
  const { context, mail } = delivering
  const newsletterId = mail.newsletter.id
  while (!delivering.isHalted && (await mayGoOn(context, newsletterId))) {
    step('claim.before', { newsletterId })
    const range = await transaction(context.db, tx => claimRange(tx, newsletterId, context.config.leaseMs))
    if (!range) return
    step('claim.after', { newsletterId })
    await deliverRange(delivering, range)
  }
}

async function deliverRange(delivering: Delivering, range: RangeClaim): Promise<void> {
  const { context, mail } = delivering
  const { db, config } = context
  const stopRenewing = renewing(context, () => renewLease(db.manager, range, config.leaseMs))
  let pauseMs = 0
  try {
    // Only a range that was held before can have them.
    if (range.fence > 1) await transaction(db, tx => dropRetriesIn(tx, range))
    const rows = await loadRange(context, mail, range)
    pauseMs = await handOffBatch(delivering, rows, () => range)
  } finally {
    stopRenewing()
    step('release.before', { newsletterId: range.newsletterId })
    await transaction(db, tx => releaseRange(tx, range, pauseMs))
    step('release.after', { newsletterId: range.newsletterId })
  }
}

async function deliverRetries(delivering: Delivering): Promise<void> {
  const { context, mail } = delivering
  const { db, config } = context
  const newsletterId = mail.newsletter.id
  while (!delivering.isHalted && (await mayGoOn(context, newsletterId))) {
    const retries = await transaction(db, tx =>
      claimRetries(tx, newsletterId, config.leaseMs, RETRIES_AT_ONCE),
    )
    if (retries.length === 0) return
    const claims = new Map<number, RetryClaim>(retries.map(retry => [retry.readerId, retry]))
    const stopRenewing = renewing(context, () =>
      renewRetries(db.manager, newsletterId, retries, config.leaseMs),
    )
    try {
      const rows = await loadReaders(context, mail, [...claims.keys()])
      await handOffBatch(delivering, rows, row => claims.get(row.readerId) as RetryClaim)
    } finally {
      stopRenewing()
      await transaction(db, tx => releaseRetries(tx, newsletterId, retries, LATER_MS))
    }
  }
}

/** Keeps a claim's lease alive until the returned function is called. */
function renewing({ config, log }: WorkerContext, renew: () => Promise<unknown>): () => void {
  const timer = setInterval(() => {
    renew().catch(error => log.error({ err: error }, 'the lease could not be renewed'))
  }, config.leaseMs / 3)
  return () => clearInterval(timer)
}
