import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import { deliveryId } from '../deliveries/delivery-id'
import type { UnknownDecision } from '../deliveries/settle-unknown'
import { DeliveryStatus } from '../entities/delivery'
import { Newsletter } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { type DeliverySettled, settleDelivery } from '../newsletters/settle-delivery'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { NewsletterPayload } from './newsletter.types'
import { done, inputError, invalidState, refusedWith } from './newsletter-answers'
import { ErrorCode, type UserError } from './user-errors'

const MAX_REASON = 500

@Resolver()
export class DeliverySettleResolver {
  @Mutation(() => NewsletterPayload, {
    description:
      'A named person settles one UNKNOWN: SENT, FAILED, or QUEUED to send it again on purpose, which takes a newsletter that was SENT up again.',
  })
  @Access('ADMIN')
  async deliverySettle(
    @Ctx() context: ApiContext,
    @Arg('newsletterId', () => ID) newsletterId: string,
    @Arg('readerId', () => ID) readerId: string,
    @Arg('outcome', () => DeliveryStatus) outcome: DeliveryStatus,
    @Arg('reason', () => String) reason: string,
  ): Promise<NewsletterPayload> {
    const { staff, enqueue, log } = context
    const { manager } = context.db
    const newsletter = await byPublicId(manager, Newsletter, newsletterId)
    const reader = await byPublicId(manager, Reader, readerId)
    const errors = inputErrors(context, outcome, reason)
    const stale = await notFresh(context)
    if (stale) errors.push(stale)
    if (errors.length > 0 || !isOutcome(outcome)) return refusedWith(newsletter, ...errors)
    const decision = {
      newsletterId: newsletter.id,
      readerId: reader.id,
      staffId: staff?.id ?? 0,
      outcome,
      reason: reason.trim(),
    }
    const settled = await audited(
      context,
      tx => settleDelivery(tx, decision),
      ({ kind }) => (kind === 'settled' ? settleEntry(newsletter, reader, decision.reason) : undefined),
    )
    if (settled.kind === 'settled') {
      log.warn({ staff: staff?.publicId, newsletter: newsletterId, outcome }, 'an unknown was settled')
      if (outcome === DeliveryStatus.QUEUED) await enqueue.deliver(newsletter.id)
    }
    return answer(context, settled)
  }
}

const settleEntry = (newsletter: Newsletter, reader: Reader, reason: string) => ({
  action: 'delivery.settle' as const,
  target: deliveryId(newsletter.reference, reader.reference),
  reason,
})

const OUTCOMES: readonly DeliveryStatus[] = [
  DeliveryStatus.SENT,
  DeliveryStatus.FAILED,
  DeliveryStatus.QUEUED,
]
const isOutcome = (outcome: DeliveryStatus): outcome is UnknownDecision['outcome'] =>
  OUTCOMES.includes(outcome)

function inputErrors(context: ApiContext, outcome: DeliveryStatus, reason: string): UserError[] {
  const errors: UserError[] = []
  if (!isOutcome(outcome)) errors.push(inputError(context, ErrorCode.INVALID, 'outcome'))
  if (!reason.trim()) errors.push(inputError(context, ErrorCode.REQUIRED, 'reason'))
  if (reason.trim().length > MAX_REASON) errors.push(inputError(context, ErrorCode.TOO_LONG, 'reason'))
  return errors
}

function answer(context: ApiContext, settled: DeliverySettled): NewsletterPayload {
  if (settled.kind === 'settled') return done(settled.newsletter)
  if (settled.kind === 'invalid-state') return invalidState(context, settled.newsletter)
  return refusedWith(settled.newsletter, inputError(context, ErrorCode.INVALID_STATE, 'readerId'))
}
