// The red button: stops every gate of the site, and starts it again.
import type { EntityManager } from 'typeorm'
import { alreadyPassed } from '../deliveries/already-passed'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { Site } from '../entities/site'
import { select } from '../transaction'

/** After its commit no gate passes. Answers what had already passed. Stopping twice keeps the first time and reason. */
export async function stopSite(tx: EntityManager, reason: string): Promise<{ alreadyPassed: string[] }> {
  const site = await lockSite(tx)
  if (!site.stoppedAt) await tx.update(Site, 1, { stoppedAt: new Date(), stopReason: reason })
  return { alreadyPassed: await alreadyPassed(tx) }
}

/** Sending goes on where it was. Answers the newsletters to wake up. */
export async function startSite(tx: EntityManager): Promise<number[]> {
  await lockSite(tx)
  await tx.update(Site, 1, { stoppedAt: null, stopReason: null })
  const open = await tx.findBy(Newsletter, { status: NewsletterStatus.SENDING })
  return open.map(newsletter => newsletter.id)
}

/** Stays true until the transaction ends: locked in share mode, as the gates do. */
export async function isSiteStopped(tx: EntityManager): Promise<boolean> {
  const rows = await select(tx, 'SELECT 1 FROM site WHERE id = 1 AND stopped_at IS NULL LOCK IN SHARE MODE')
  return rows.length === 0
}

const lockSite = (tx: EntityManager): Promise<Site> =>
  tx.findOneOrFail(Site, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } })
