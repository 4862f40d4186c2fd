// The deliver job: claims ranges and due retries of one newsletter until none is free, then tries to finish it.
import { skipReasonSql } from '../consent/skip-reason'
import {
  type Claim,
  claimRange,
  claimRetries,
  type RangeClaim,
  type RetryClaim,
  releaseRange,
  renewLease,
  renewRetries,
} from '../deliveries/claim'
import { dropRetriesIn } from '../deliveries/drop-retries'
import { skipRefused } from '../deliveries/pass'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { finish } from '../newsletters/finish'
import { select, transaction } from '../transaction'
import type { WorkerContext } from './context'
import { handOffDelivery, type Next } from './hand-off-delivery'
import { type DeliveryRow, loadDeliveries } from './load-deliveries'
import { forgetNewsletter, loadNewsletter, type NewsletterMail } from './load-newsletter'

const RETRIES_AT_ONCE = 50

export async function deliverNewsletter(context: WorkerContext, newsletterId: number): Promise<void> {
  const { db, config, stopping } = context
  await settleCancelled(context, newsletterId)
  while (!stopping.aborted) {
    if (!(await mayGoOn(context, newsletterId))) break
    const mail = await loadNewsletter(context, newsletterId)
    const retries = await transaction(db, tx =>
      claimRetries(tx, newsletterId, config.leaseMs, RETRIES_AT_ONCE),
    )
    if ((await deliverRetries(context, mail, retries)) === 'halt') return
    const range = await transaction(db, tx => claimRange(tx, newsletterId, config.leaseMs))
    if (range) {
      if ((await deliverRange(context, mail, range)) === 'halt') return
    } else if (retries.length === 0) break
  }
  forgetNewsletter(context, newsletterId)
  if (stopping.aborted || !(await transaction(db, tx => finish(tx, newsletterId)))) return
  context.log.info({ newsletterId }, 'newsletter finished')
}

/** In a cancelled newsletter nothing is queued: claiming only counts what killed workers left past their gate. */
async function settleCancelled({ db, config }: WorkerContext, newsletterId: number): Promise<void> {
  const isCancelled = await db.manager.existsBy(Newsletter, {
    id: newsletterId,
    status: NewsletterStatus.CANCELLED,
  })
  if (!isCancelled) return
  const { leaseMs } = config
  const nextRetries = () => transaction(db, tx => claimRetries(tx, newsletterId, leaseMs, RETRIES_AT_ONCE))
  while ((await nextRetries()).length > 0);
  const nextRange = () => transaction(db, tx => claimRange(tx, newsletterId, leaseMs))
  let last = 0
  for (let range = await nextRange(); range && range.fromReaderId > last; range = await nextRange()) {
    const claimed = range
    last = range.fromReaderId
    await transaction(db, tx => releaseRange(tx, claimed))
  }
}

/** Asked before each claim; the gate asks again for each message. */
async function mayGoOn({ db }: WorkerContext, newsletterId: number): Promise<boolean> {
  const rows = await select(
    db.manager,
    `SELECT 1 FROM newsletter n JOIN site s ON s.id = 1
     WHERE n.id = ? AND n.status = 'SENDING' AND n.expanded_at IS NOT NULL AND s.stopped_at IS NULL AND s.held_at IS NULL`,
    [newsletterId],
  )
  return rows.length === 1
}

type Work = readonly (readonly [claim: Claim, row: DeliveryRow])[]

async function claimedRows(
  context: WorkerContext,
  mail: NewsletterMail,
  claims: readonly Claim[],
): Promise<Work> {
  const rows = await Promise.all(claims.map(claim => loadDeliveries(context, claim, mail.personalisationId)))
  return claims.flatMap((claim, index) => (rows[index] ?? []).map(row => [claim, row] as const))
}

async function deliverRetries(
  context: WorkerContext,
  mail: NewsletterMail,
  retries: readonly RetryClaim[],
): Promise<Next> {
  if (retries.length === 0) return 'go-on'
  const { db, config } = context
  const stopRenewing = renewing(context, () =>
    renewRetries(db.manager, mail.newsletter.id, retries, config.leaseMs),
  )
  try {
    return await handOffAll(context, mail, await claimedRows(context, mail, retries))
  } finally {
    stopRenewing()
  }
}

async function deliverRange(context: WorkerContext, mail: NewsletterMail, range: RangeClaim): Promise<Next> {
  const { db, config } = context
  const stopRenewing = renewing(context, () => renewLease(db.manager, range, config.leaseMs))
  try {
    await transaction(db, tx => skipRefused(tx, range, mail.purposeId, skipReasonSql))
    await transaction(db, tx => dropRetriesIn(tx, range))
    return await handOffAll(context, mail, await claimedRows(context, mail, [range]))
  } finally {
    stopRenewing()
    await transaction(db, tx => releaseRange(tx, range))
  }
}

/** Keeps a claim's lease alive until the returned function is called. */
function renewing({ config, log }: WorkerContext, renew: () => Promise<unknown>): () => void {
  const timer = setInterval(() => {
    renew().catch(error => log.error({ err: error }, 'the lease could not be renewed'))
  }, config.leaseMs / 3)
  return () => clearInterval(timer)
}

/** As many at once as there are connections; after a `halt` or SIGTERM only what is under way ends. */
async function handOffAll(context: WorkerContext, mail: NewsletterMail, work: Work): Promise<Next> {
  const queue = work.values()
  let next: Next = 'go-on'
  const lane = async () => {
    for (const [claim, row] of queue) {
      if (next === 'halt' || context.stopping.aborted) return
      if ((await handOffDelivery(context, mail, claim, row)) === 'halt') next = 'halt'
    }
  }
  const stopOthers = (error: unknown) => {
    next = 'halt'
    throw error
  }
  const lanes = Math.min(context.config.smtpConnections, work.length)
  // The claim is kept until the last lane has ended, also when one has failed.
  const ended = await Promise.allSettled(Array.from({ length: lanes }, () => lane().catch(stopOthers)))
  const failed = ended.find(one => one.status === 'rejected')
  if (failed) throw failed.reason
  return next
}
