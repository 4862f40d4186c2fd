// Whether a valid sign-up may cause a mail now. Nothing here depends on who is known (I11).
import type { Address } from '../mail/address'
import { isSolved, makeChallenge } from './challenge'
import type { ApiContext } from './context'
import { RateLimitError } from './errors'
import { ChallengeRequiredError, ErrorCode, RateLimitedError, type UserError } from './user-errors'

/** What counts as many sign-ups for the breaker: one that looks like a program's. */
const SUSPICIOUS = 5

/**
 * Counts the sign-up; answers why it is refused, or undefined. While the breaker is tripped it needs a proof of work.
 * Throws UnavailableError while Redis is away.
 */
export async function admitSignUp(
  context: ApiContext,
  address: Address,
  { challengeSolution, isSuspicious }: { challengeSolution?: string | null; isSuspicious?: boolean },
): Promise<UserError | undefined> {
  const { limits, client } = context
  const isTripped = await limits.breaker.isTripped(client)
  if (isTripped && !(await isSolved(context, challengeSolution ?? ''))) return challengeRequired(context)
  const refusal = await admitMail(context, address)
  if (!refusal && !isTripped) await limits.breaker.signedUp(client, isSuspicious ? SUSPICIOUS : 1)
  return refusal
}

/** Counts a request that may cause a mail to the address; answers that it is one too many, or undefined. */
export async function admitMail(context: ApiContext, address: Address): Promise<UserError | undefined> {
  try {
    await context.limits.mail({ client: context.client, address })
    return undefined
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error
    const refusal = new RateLimitedError(context.locale, ErrorCode.RATE_LIMITED, null)
    refusal.retryAfterSeconds = error.retryAfterSeconds
    return refusal
  }
}

async function challengeRequired(context: ApiContext): Promise<ChallengeRequiredError> {
  const refusal = new ChallengeRequiredError(context.locale, ErrorCode.CHALLENGE_REQUIRED, [
    'input',
    'challengeSolution',
  ])
  refusal.challenge = await makeChallenge(context)
  return refusal
}
