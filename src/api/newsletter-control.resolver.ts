import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import type { AuditAction } from '../consent/audit'
import { Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { type Controlled, cancel, pause, resume } from '../newsletters/control'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { NewsletterPayload } from './newsletter.types'
import { done, invalidState } from './newsletter-answers'

const MAX_REASON = 500

@Resolver()
export class NewsletterControlResolver {
  @Mutation(() => NewsletterPayload, { description: 'After the answer nothing more of it goes out.' })
  @Access('PUBLISHER')
  async newsletterPause(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String, { nullable: true }) reason?: string | null,
  ): Promise<NewsletterPayload> {
    const newsletter = await byPublicId(context.db.manager, Newsletter, id)
    const detail = reason?.slice(0, MAX_REASON) ?? null
    const paused = await audited(
      context,
      tx => pause(tx, newsletter.id, PauseReason.MANUAL, detail),
      ifMoved('newsletter.pause', detail),
    )
    return answer(context, paused)
  }

  @Mutation(() => NewsletterPayload)
  @Access('PUBLISHER')
  async newsletterResume(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
  ): Promise<NewsletterPayload> {
    const { db, enqueue } = context
    const newsletter = await byPublicId(db.manager, Newsletter, id)
    const resumed = await audited(context, tx => resume(tx, newsletter.id), ifMoved('newsletter.resume'))
    if (resumed.kind === 'moved')
      await (resumed.newsletter.status === NewsletterStatus.SENDING && resumed.newsletter.expandedAt
        ? enqueue.deliver(newsletter.id)
        : enqueue.expand(newsletter.id))
    return answer(context, resumed)
  }

  @Mutation(() => NewsletterPayload, { description: 'For good. What was sent cannot be recalled.' })
  @Access('PUBLISHER')
  async newsletterCancel(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
  ): Promise<NewsletterPayload> {
    const newsletter = await byPublicId(context.db.manager, Newsletter, id)
    const detail = reason.slice(0, MAX_REASON)
    const cancelled = await audited(
      context,
      tx => cancel(tx, newsletter.id, detail),
      ifMoved('newsletter.cancel', detail),
    )
    return answer(context, cancelled)
  }
}

const ifMoved =
  (action: AuditAction, reason: string | null = null) =>
  ({ kind, newsletter }: Controlled) =>
    kind === 'moved' ? { action, target: newsletter.publicId, reason } : undefined

const answer = (context: ApiContext, outcome: Controlled): NewsletterPayload =>
  outcome.kind === 'moved'
    ? done(outcome.newsletter, outcome.alreadyPassed)
    : invalidState(context, outcome.newsletter)
