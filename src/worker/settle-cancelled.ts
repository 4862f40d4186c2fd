// In a cancelled newsletter nothing is queued: claiming only counts what killed workers left past their gate.
import { claimRange, claimRetries, releaseRange } from '../deliveries/claim'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { transaction } from '../transaction'
import type { WorkerContext } from './context'

const RETRIES_AT_ONCE = 50

export async function settleCancelled({ db, config }: WorkerContext, newsletterId: number): Promise<void> {
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
