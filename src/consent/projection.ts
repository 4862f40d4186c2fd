// The present state of a consent as what its events add up to. The ledger keeps it up to date, `ledger verify` adds up again.
import { Consent, Frequency } from '../entities/consent'
import { type Answer, isSendable, saidAt } from './proof'

/** Consent ends after 24 months unless renewed (standards §N "re-affirm"). */
export const CONSENT_MONTHS = 24

/** What an event says that the projection keeps. */
export interface Step
  extends Answer,
    Pick<Consent, 'purposeId' | 'purposeVersionId' | 'policyVersionId' | 'policyNumber'> {}

/** The projection after one more event. */
export function project(readerId: number, step: Step, before: Consent | undefined): Consent {
  const stands = isSendable(step.toState)
  const stood = isSendable(before?.state)
  return {
    purposeId: step.purposeId,
    readerId,
    state: step.toState,
    purposeVersionId: step.purposeVersionId,
    policyVersionId: step.policyVersionId,
    policyNumber: step.policyNumber,
    changedAt: step.at,
    givenAt: stands && !stood ? step.at : (before?.givenAt ?? null),
    endedAt: stands ? null : stood ? step.at : (before?.endedAt ?? null),
    expiresAt: stands ? endOfConsent(saidAt(step)) : (before?.expiresAt ?? null),
    // A choice of "less often" belongs to a consent that stands; a new yes is to what the topic promises.
    frequency: (stood && before?.frequency) || Frequency.EVERY_ISSUE,
    pausedUntil: (stood && before?.pausedUntil) || null,
  }
}

/** Until when a yes said at that moment stands, unless it is renewed. */
export function endOfConsent(saidAt: Date): Date {
  const end = new Date(saidAt)
  end.setUTCMonth(end.getUTCMonth() + CONSENT_MONTHS)
  return end
}
