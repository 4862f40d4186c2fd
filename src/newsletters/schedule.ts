// draft → scheduled, and back. The editor says what was seen: version, content and number of readers.
import type { EntityManager } from 'typeorm'
import { hasOtherApprovers } from '../consent/other-approvers'
import { type Newsletter, NewsletterStatus } from '../entities/newsletter'
import { Topic } from '../entities/topic'
import { databaseTime } from '../transaction'
import { type Checklist, checkNewsletter } from './check'
import { estimateAudience } from './estimate'
import type { SenderFacts } from './preview'
import { lockNewsletter } from './write'

export interface ScheduleRequest {
  version: number
  /** Null: as soon as the undo window has passed. */
  sendAt: Date | null
  /** After this moment nothing more of it goes out; null: it has no end. */
  expiresAt: Date | null
  timeZone: string
  confirmedRecipients: number
  checklistHash: string
  /** Keyed hash of the client's idempotency key. */
  idempotencyHash: Buffer
  scheduledById: number
  /** Whoever saved the text last may not approve it. */
  needsSecondPerson: boolean
}

export type Scheduled =
  /** `isNew` is false for a repeated request, `isAlone` is true for who had nobody to ask. */
  | { kind: 'scheduled'; newsletter: Newsletter; isNew: boolean; isAlone: boolean }
  | { kind: 'approval-required' }
  | { kind: 'invalid-state'; newsletter: Newsletter }
  | { kind: 'stale'; newsletter: Newsletter }
  | { kind: 'past' }
  | { kind: 'no-window' }
  | { kind: 'blocked'; checklist: Checklist }
  | { kind: 'content-changed' }
  | { kind: 'audience-changed'; confirmed: number; current: number }
  | { kind: 'audience-empty' }

/** A clock of a client may run a little behind ours. */
const PAST_TOLERANCE_MS = 60_000

/** Approves exactly this content for this moment. The same idempotency key answers with the first result. */
export async function schedule(
  tx: EntityManager,
  id: number,
  request: ScheduleRequest,
  facts: SenderFacts,
  undoMs: number,
): Promise<Scheduled> {
  const newsletter = await lockNewsletter(tx, id)
  if (newsletter.scheduleKey?.equals(request.idempotencyHash))
    return { kind: 'scheduled', newsletter, isNew: false, isAlone: false }
  if (newsletter.status !== NewsletterStatus.DRAFT) return { kind: 'invalid-state', newsletter }
  if (newsletter.version !== request.version) return { kind: 'stale', newsletter }
  const now = await databaseTime(tx)
  if (request.sendAt && request.sendAt.getTime() < now.getTime() - PAST_TOLERANCE_MS) return { kind: 'past' }
  const sendAt = request.sendAt ?? new Date(now.getTime() + undoMs)
  // Also with the start up to the tolerance in the past there must be time left.
  if (request.expiresAt && (request.expiresAt <= sendAt || request.expiresAt <= now))
    return { kind: 'no-window' }
  const isOwn = request.needsSecondPerson && newsletter.savedById === request.scheduledById
  if (isOwn && ((await hasOtherApprovers(tx, request.scheduledById, APPROVERS)) || !isDayAhead(sendAt, now)))
    return { kind: 'approval-required' }
  const refusal = await contentRefusal(tx, newsletter, { ...request, sendAt }, facts)
  if (refusal) return refusal
  Object.assign(newsletter, {
    status: NewsletterStatus.SCHEDULED,
    sendAt,
    expiresAt: request.expiresAt,
    timeZone: request.timeZone,
    approvedHash: Buffer.from(request.checklistHash, 'hex'),
    scheduleKey: request.idempotencyHash,
    updatedAt: now,
  })
  return { kind: 'scheduled', newsletter: await tx.save(newsletter), isNew: true, isAlone: isOwn }
}

const APPROVERS = ['PUBLISHER', 'ADMIN'] as const

/** DESIGN §6: with nobody to ask, a second look is a day later. */
const isDayAhead = (sendAt: Date, now: Date): boolean =>
  sendAt.getTime() >= now.getTime() + 24 * 3_600_000 - PAST_TOLERANCE_MS

async function contentRefusal(
  tx: EntityManager,
  newsletter: Newsletter,
  request: ScheduleRequest & { sendAt: Date },
  facts: SenderFacts,
): Promise<Scheduled | undefined> {
  const checklist = await checkNewsletter(tx, newsletter, facts, facts.locales[0] ?? 'en', request.sendAt)
  if (!checklist.ready) return { kind: 'blocked', checklist }
  if (checklist.contentHash !== request.checklistHash) return { kind: 'content-changed' }
  const topic = await tx.findOneByOrFail(Topic, { id: newsletter.topicId })
  const { willReceive } = await estimateAudience(tx, topic.purposeId)
  if (willReceive === 0) return { kind: 'audience-empty' }
  if (willReceive === request.confirmedRecipients) return undefined
  return { kind: 'audience-changed', confirmed: request.confirmedRecipients, current: willReceive }
}

export type Moved =
  | { kind: 'moved'; newsletter: Newsletter }
  | { kind: 'invalid-state'; newsletter: Newsletter }

/** scheduled → draft, as long as sending has not started. */
export async function unschedule(tx: EntityManager, id: number): Promise<Moved> {
  const newsletter = await lockNewsletter(tx, id)
  if (newsletter.status !== NewsletterStatus.SCHEDULED) return { kind: 'invalid-state', newsletter }
  Object.assign(newsletter, {
    status: NewsletterStatus.DRAFT,
    sendAt: null,
    expiresAt: null,
    timeZone: null,
    approvedHash: null,
    scheduleKey: null,
    updatedAt: await databaseTime(tx),
  })
  return { kind: 'moved', newsletter: await tx.save(newsletter) }
}
