// The second step of the page: the same sign-up as the GraphQL mutation, with errors put where the form shows them.
import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import { ConsentSurface } from '../entities/consent-event'
import { message } from '../messages'
import { agePassMadeAt, isValidAgePass } from '../secrets/age-pass'
import { type ApiContext, createContext, type Services } from './context'
import type { Frame } from './page-frame'
import { sendPage } from './page-frame'
import type { FieldError } from './pages/form-parts'
import { checkInboxPage, HONEYPOT } from './pages/subscribe-page'
import type { DecisionInput } from './register.inputs'
import { type SignUp, signUp } from './sign-up'
import { ageStep, sendDetails } from './subscribe-steps'
import { ErrorCode, InputError, RateLimitedError, type UserError } from './user-errors'

const PURPOSE_PREFIX = 'purpose:'
/** The fields that say which words stood on the page, ticked or not. */
export const SHOWN_PREFIX = 'shown:'

export async function submitDetails(
  services: Services,
  request: Request,
  frame: Frame,
  fields: URLSearchParams,
  response: Response,
): Promise<void> {
  const context = { ...(await createContext(services, request, false)), locale: frame.locale }
  const text = (name: string) => fields.get(name) ?? ''
  const ticked = decisionsIn(fields, PURPOSE_PREFIX, true)
  const input: SignUp = {
    agePass: text('agePass'),
    name: text('name'),
    email: text('email'),
    locale: frame.locale,
    policyVersion: text('policyVersion'),
    decisions: allDecisions(fields, ticked),
    surface: ConsentSurface.WEB_FORM,
    idempotencyKey: text('formId'),
    challengeSolution: text('challengeSolution'),
    signals: { isTrapped: text(HONEYPOT) !== '', isTooQuick: isTooQuick(text('agePass')) },
    // Sending the form twice is one sign-up; going back, correcting it and sending it again is another one.
    mayBeCorrected: true,
  }
  const errors = await signUpTicked(context, input, ticked.length)
  if (errors.length === 0) return sendPage(response, checkInboxPage(frame))
  const fieldErrors = errors.map(error => fieldError(error, frame.locale))
  if (errors.some(error => error.code === ErrorCode.TOKEN_INVALID))
    return sendPage(response, await ageStep(services, frame, { errors: fieldErrors }), 422)
  // A tick was a yes to the words it stood next to: when those have changed, it is asked for again.
  const isStale = errors.some(error => error.code === ErrorCode.STALE_POLICY)
  const purposes = isStale ? [] : ticked.map(one => one.purposeKey)
  const limited = errors.find(error => error instanceof RateLimitedError)
  if (limited) response.set('Retry-After', String(limited.retryAfterSeconds))
  const again = {
    agePass: text('agePass'),
    formId: randomUUID(),
    errors: fieldErrors,
    values: { name: text('name'), email: text('email'), purposes },
  }
  await sendDetails(response, context, frame, again, limited ? 429 : 422)
}

/** Nobody reads the form, ticks a box and types an address in less; password managers nearly do. */
const QUICKEST_MS = 3000

const isTooQuick = (agePass: string): boolean => Date.now() - agePassMadeAt(agePass).getTime() < QUICKEST_MS

const nothingTicked = (locale: string): UserError =>
  new InputError(locale, ErrorCode.REQUIRED, ['input', 'decisions'], message(locale, 'signup.errorTopics'))

async function signUpTicked(context: ApiContext, input: SignUp, ticks: number): Promise<UserError[]> {
  const hasPass = isValidAgePass(context.keyring, input.agePass, new Date())
  return hasPass && ticks === 0 ? [nothingTicked(context.locale)] : signUp(context, input)
}

/** The decisions whose fields start with the prefix: `PREFIX KEY` = version of the words that stood there. */
export const decisionsIn = (fields: URLSearchParams, prefix: string, granted: boolean): DecisionInput[] =>
  [...fields]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, version]) => ({
      purposeKey: name.slice(prefix.length),
      purposeVersion: Number.parseInt(version, 10) || 0,
      granted,
    }))

/** A box that was shown and left empty is a no to the words that stood next to it; what was not shown is not decided. */
function allDecisions(fields: URLSearchParams, ticked: readonly DecisionInput[]): DecisionInput[] {
  const shown = decisionsIn(fields, SHOWN_PREFIX, false)
  return [...ticked, ...shown.filter(one => !ticked.some(tick => tick.purposeKey === one.purposeKey))]
}

function fieldError(error: UserError, locale: string): FieldError {
  const field = error.field?.[1] ?? ''
  if (field === 'email') return { field, message: message(locale, 'signup.errorEmail') }
  if (error.code === ErrorCode.TOKEN_INVALID) return { field: '', message: message(locale, 'age.errorPass') }
  if (error.code === ErrorCode.CHALLENGE_REQUIRED)
    return { field: '', message: message(locale, 'signup.errorChallenge') }
  if (error instanceof RateLimitedError) {
    const minutes = Math.ceil(error.retryAfterSeconds / 60)
    return { field: '', message: message(locale, 'signup.errorRate', { minutes }) }
  }
  if (error.code === ErrorCode.STALE_POLICY)
    return { field: '', message: message(locale, 'signup.errorStale') }
  return { field: field === 'decisions' ? 'purposes' : field, message: error.message }
}
