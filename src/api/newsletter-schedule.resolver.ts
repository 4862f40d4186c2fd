import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import { Newsletter } from '../entities/newsletter'
import { type Scheduled, schedule, unschedule } from '../newsletters/schedule'
import { fingerprint } from '../secrets/address-hash'
import { isDuplicate } from '../transaction'
import { Access } from './access'
import { type AuditEntry, audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { ScheduleInput } from './newsletter.inputs'
import { NewsletterPayload } from './newsletter.types'
import { done, inputError, invalidState, refusedWith, staleVersion } from './newsletter-answers'
import { AudienceChangedError, ChecklistError, ErrorCode } from './user-errors'

@Resolver()
export class NewsletterScheduleResolver {
  @Mutation(() => NewsletterPayload, {
    description: 'Approves exactly what the editor saw, for that moment.',
  })
  @Access('PUBLISHER')
  async newsletterSchedule(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('input', () => ScheduleInput) input: ScheduleInput,
  ): Promise<NewsletterPayload> {
    const { keyring, config, enqueue, staff } = context
    const newsletter = await byPublicId(context.db.manager, Newsletter, id)
    const request = {
      ...input,
      sendAt: input.sendAt ?? null,
      expiresAt: input.expiresAt ?? null,
      idempotencyHash: fingerprint(keyring, 'schedule', input.idempotencyKey),
      scheduledById: staff?.id ?? 0,
      needsSecondPerson: config.secondPerson,
    }
    try {
      const outcome = await audited(
        context,
        tx => schedule(tx, newsletter.id, request, config, config.undoMs),
        scheduleEntry,
      )
      // So that it starts on time and does not wait for the sweep.
      if (outcome.kind === 'scheduled')
        await enqueue.expand(newsletter.id, outcome.newsletter.sendAt ?? undefined)
      return answer(context, newsletter, outcome)
    } catch (error) {
      if (!isDuplicate(error)) throw error
      const field = ['input', 'idempotencyKey']
      return refusedWith(newsletter, inputError(context, ErrorCode.IDEMPOTENCY_MISMATCH, ...field))
    }
  }

  @Mutation(() => NewsletterPayload, { description: 'Back to draft, as long as sending has not started.' })
  @Access('PUBLISHER')
  async newsletterUnschedule(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
  ): Promise<NewsletterPayload> {
    const newsletter = await byPublicId(context.db.manager, Newsletter, id)
    const moved = await audited(
      context,
      tx => unschedule(tx, newsletter.id),
      ({ kind }) => (kind === 'moved' ? { action: 'newsletter.unschedule', target: id } : undefined),
    )
    return moved.kind === 'moved' ? done(moved.newsletter) : invalidState(context, moved.newsletter)
  }
}

function scheduleEntry(outcome: Scheduled): AuditEntry | undefined {
  if (outcome.kind !== 'scheduled' || !outcome.isNew) return undefined
  const reason = outcome.isAlone ? 'No second person: a day ahead instead' : null
  return { action: 'newsletter.schedule', target: outcome.newsletter.publicId, reason }
}

async function answer(
  context: ApiContext,
  newsletter: Newsletter,
  outcome: Scheduled,
): Promise<NewsletterPayload> {
  const { locale } = context
  switch (outcome.kind) {
    case 'scheduled':
      return done(outcome.newsletter)
    case 'invalid-state':
      return invalidState(context, outcome.newsletter)
    case 'stale':
      return staleVersion(context, outcome.newsletter)
    case 'past':
      return refusedWith(newsletter, inputError(context, ErrorCode.INVALID, 'input', 'sendAt'))
    case 'no-window':
      return refusedWith(newsletter, inputError(context, ErrorCode.INVALID, 'input', 'expiresAt'))
    case 'content-changed':
      return refusedWith(newsletter, inputError(context, ErrorCode.STALE_VERSION, 'input', 'checklistHash'))
    case 'approval-required':
      return refusedWith(newsletter, inputError(context, ErrorCode.APPROVAL_REQUIRED))
    case 'audience-empty':
      return refusedWith(newsletter, inputError(context, ErrorCode.AUDIENCE_EMPTY))
    case 'audience-changed': {
      const error = new AudienceChangedError(locale, ErrorCode.AUDIENCE_CHANGED, [
        'input',
        'confirmedRecipients',
      ])
      return refusedWith(
        newsletter,
        Object.assign(error, { confirmed: outcome.confirmed, current: outcome.current }),
      )
    }
    case 'blocked': {
      const error = new ChecklistError(locale, ErrorCode.CHECKLIST_BLOCKED, null)
      error.blocking = outcome.checklist.items.filter(
        item => item.severity === 'BLOCKER' && item.status === 'FAIL',
      )
      return refusedWith(newsletter, error)
    }
  }
}
