// deliverySettle: a person's word on one unknown delivery, and what it means for its newsletter.
import type { EntityManager } from 'typeorm'
import { settleUnknown, type UnknownDecision } from '../deliveries/settle-unknown'
import { DeliveryStatus } from '../entities/delivery'
import { type Newsletter, NewsletterStatus } from '../entities/newsletter'
import { databaseTime } from '../transaction'
import { lockNewsletter } from './write'

export type DeliverySettled =
  | { kind: 'settled'; newsletter: Newsletter }
  /** Sending again is asked for, and the newsletter is cancelled or its window has closed. */
  | { kind: 'invalid-state'; newsletter: Newsletter }
  | { kind: 'not-unknown'; newsletter: Newsletter }

/**
 * Settles one unknown. Sending again takes a newsletter that is over up again: it is SENDING until this delivery is
 * settled, so every barrier sees it and its counts stay right; the gate asks everything anew.
 */
export async function settleDelivery(tx: EntityManager, decision: UnknownDecision): Promise<DeliverySettled> {
  const newsletter = await lockNewsletter(tx, decision.newsletterId)
  const isAgain = decision.outcome === DeliveryStatus.QUEUED
  if (isAgain && !(await mayStillGo(tx, newsletter))) return { kind: 'invalid-state', newsletter }
  if (!(await settleUnknown(tx, decision))) return { kind: 'not-unknown', newsletter }
  if (isAgain && newsletter.status === NewsletterStatus.SENT) {
    Object.assign(newsletter, {
      status: NewsletterStatus.SENDING,
      finishedAt: null,
      updatedAt: await databaseTime(tx),
    })
    await tx.save(newsletter)
  }
  return { kind: 'settled', newsletter }
}

const GOING: readonly NewsletterStatus[] = [
  NewsletterStatus.SENDING,
  NewsletterStatus.PAUSED,
  NewsletterStatus.SENT,
]

async function mayStillGo(tx: EntityManager, { status, expiresAt }: Newsletter): Promise<boolean> {
  return GOING.includes(status) && (!expiresAt || expiresAt > (await databaseTime(tx)))
}
