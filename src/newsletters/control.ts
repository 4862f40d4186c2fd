// Pause, resume, cancel. Each takes the newsletter's row exclusively: after its commit no gate of it passes (I4).
import type { EntityManager } from 'typeorm'
import { alreadyPassed } from '../deliveries/already-passed'
import { cancelOpen } from '../deliveries/cancel-open'
import { Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { databaseTime } from '../transaction'
import { lockNewsletter } from './write'

export type Controlled =
  | { kind: 'moved'; newsletter: Newsletter; alreadyPassed: string[] }
  | { kind: 'invalid-state'; newsletter: Newsletter }

/** sending → paused. */
export async function pause(
  tx: EntityManager,
  id: number,
  reason: PauseReason,
  detail: string | null,
): Promise<Controlled> {
  return move(tx, id, [NewsletterStatus.SENDING], {
    status: NewsletterStatus.PAUSED,
    pauseReason: reason,
    pauseDetail: detail,
  })
}

/** paused → sending; one that had not started when it was paused starts as if it were scheduled for now. */
export async function resume(tx: EntityManager, id: number): Promise<Controlled> {
  const newsletter = await lockNewsletter(tx, id)
  const hasStarted = newsletter.startedAt !== null
  return move(tx, id, [NewsletterStatus.PAUSED], {
    status: hasStarted ? NewsletterStatus.SENDING : NewsletterStatus.SCHEDULED,
    ...(hasStarted ? {} : { sendAt: await databaseTime(tx) }),
    pauseReason: null,
    pauseDetail: null,
  })
}

/**
 * scheduled, sending or paused → cancelled, with everything still queued. What was sent cannot be recalled. One that
 * had started is finished only when what had passed its gate is settled (newsletters/finish).
 */
export async function cancel(tx: EntityManager, id: number, reason: string): Promise<Controlled> {
  const open = [NewsletterStatus.SCHEDULED, NewsletterStatus.SENDING, NewsletterStatus.PAUSED]
  const moved = await move(tx, id, open, {
    status: NewsletterStatus.CANCELLED,
    pauseReason: null,
    pauseDetail: reason,
  })
  if (moved.kind !== 'moved') return moved
  await cancelOpen(tx, id)
  if (!moved.newsletter.startedAt) await tx.update(Newsletter, id, { finishedAt: await databaseTime(tx) })
  return moved
}

async function move(
  tx: EntityManager,
  id: number,
  from: readonly NewsletterStatus[],
  change: Partial<Newsletter>,
): Promise<Controlled> {
  const newsletter = await lockNewsletter(tx, id)
  if (!from.includes(newsletter.status)) return { kind: 'invalid-state', newsletter }
  Object.assign(newsletter, change, { updatedAt: await databaseTime(tx) })
  await tx.save(newsletter)
  return { kind: 'moved', newsletter, alreadyPassed: await alreadyPassed(tx, [newsletter]) }
}
