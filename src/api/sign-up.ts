// Sign-up as a visitor sees it, behind both doors: the GraphQL mutation and the page without JavaScript.
import { randomUUID } from 'node:crypto'
import { readDecisions } from '../consent/decisions'
import { type SubscribeRequest, subscribe } from '../consent/subscribe'
import type { ConsentSurface } from '../entities/consent-event'
import { type Address, parseAddress } from '../mail/address'
import { pickLocale } from '../messages'
import { queueNotice } from '../notices/queue-notice'
import { isValidAgePass } from '../secrets/age-pass'
import { isDuplicate, transaction } from '../transaction'
import { admitSignUp } from './admit-sign-up'
import type { ApiContext } from './context'
import { refuseStale } from './refuse-stale'
import type { DecisionInput } from './register.inputs'
import { ErrorCode, InputError, type UserError } from './user-errors'

export interface SignUp {
  agePass: string
  name?: string | null
  email: string
  locale: string
  timeZone?: string | null
  policyVersion: string
  decisions: DecisionInput[]
  surface: ConsentSurface
  idempotencyKey: string
  challengeSolution?: string | null
  /** How a form was filled in. Signals only: they never change the answer. */
  signals?: { isTrapped: boolean; isTooQuick: boolean }
  /** A form that was sent, corrected and sent again under its one key is a new request. */
  mayBeCorrected?: boolean
}

const MAX_NAME = 100
const MAX_DECISIONS = 50
const MAX_KEY = 100
// H3: C0, DEL, C1, line and paragraph separators, everything that reorders text, lone surrogates.
export const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u

/**
 * Records the pending request and queues its notice; answers with what is wrong, or nothing. The same rows are written
 * for known, unknown and suppressed addresses: whether a mail goes is decided later, by the worker (I11).
 */
export async function signUp(context: ApiContext, input: SignUp): Promise<UserError[]> {
  // First and alone: without a pass nothing else of the request is even looked at (K1).
  if (!isValidAgePass(context.keyring, input.agePass, new Date()))
    return [new InputError(context.locale, ErrorCode.TOKEN_INVALID, ['input', 'agePass'])]
  const request = await readRequest(context, input)
  if (Array.isArray(request)) return request
  const { signals } = input
  const isSuspicious = signals?.isTrapped || signals?.isTooQuick
  const refusal = await admitSignUp(context, request.address, { ...input, isSuspicious })
  if (refusal) return [refusal]
  const withheld = signals?.isTrapped ? 'HONEYPOT' : undefined
  let outcome = await recordOnce(context, request, withheld)
  if (outcome === 'mismatch' && input.mayBeCorrected)
    outcome = await recordOnce(context, { ...request, idempotencyKey: randomUUID() }, withheld)
  if (outcome === 'mismatch')
    return [new InputError(context.locale, ErrorCode.IDEMPOTENCY_MISMATCH, ['input', 'idempotencyKey'])]
  if (outcome !== 'repeated') await context.enqueue.notice(outcome.noticeId)
  return []
}

/** The request as it is stored, or everything that is wrong with it. */
async function readRequest(context: ApiContext, input: SignUp): Promise<ValidRequest | UserError[]> {
  const { db, config } = context
  const locale = pickLocale(context.locales, undefined, input.locale)
  const { address, errors } = readPerson(context, input)
  const read = await readDecisions(db.manager, { ...input, locale }, context.locales)
  if (read.kind === 'stale') return [...errors, await refuseStale(context, { locale })]
  if (read.kind !== 'current') {
    const field = ['input', 'decisions', String(read.index), 'purposeKey']
    const code = read.kind === 'twice' ? ErrorCode.INVALID : ErrorCode.NOT_FOUND
    return [...errors, new InputError(context.locale, code, field)]
  }
  if (!address || errors.length > 0) return errors
  return {
    address,
    name: input.name?.trim() || null,
    locale,
    timeZone: input.timeZone ?? null,
    policyVersionId: read.policy.id,
    decisions: read.decisions,
    surface: input.surface,
    agePassed: config.minimumAge,
    idempotencyKey: input.idempotencyKey,
  }
}

type ValidRequest = SubscribeRequest & { address: Address }
type Recorded = 'repeated' | 'mismatch' | { noticeId: number }

async function recordOnce(
  context: ApiContext,
  request: SubscribeRequest,
  withheld: string | undefined,
): Promise<Recorded> {
  const { db, keyring } = context
  const record = () =>
    transaction(db, async (tx): Promise<Recorded> => {
      const subscribed = await subscribe(tx, keyring, request)
      if (subscribed.kind !== 'recorded') return subscribed.kind
      const { addressHash, locale, id } = subscribed.registration
      const notice = { kind: 'confirmation' as const, addressHash, locale, registrationId: id, withheld }
      return { noticeId: await queueNotice(tx, notice) }
    })
  try {
    return await record()
  } catch (error) {
    // Two of the same request at once: the second finds what the first wrote.
    if (isDuplicate(error)) return record()
    throw error
  }
}

function readPerson(context: ApiContext, input: SignUp): { address?: Address; errors: UserError[] } {
  const errors: UserError[] = []
  const wrong = (code: ErrorCode, field: string) =>
    errors.push(new InputError(context.locale, code, ['input', field]))
  const address = parseAddress(input.email)
  if (!address) wrong(input.email.trim() === '' ? ErrorCode.REQUIRED : ErrorCode.INVALID, 'email')
  if ((input.name ?? '').length > MAX_NAME) wrong(ErrorCode.TOO_LONG, 'name')
  else if (CONTROLS.test(input.name ?? '')) wrong(ErrorCode.INVALID, 'name')
  if (input.decisions.length > MAX_DECISIONS) wrong(ErrorCode.TOO_LONG, 'decisions')
  if (input.idempotencyKey.length < 8) wrong(ErrorCode.INVALID, 'idempotencyKey')
  if (input.idempotencyKey.length > MAX_KEY) wrong(ErrorCode.TOO_LONG, 'idempotencyKey')
  return { address, errors }
}
