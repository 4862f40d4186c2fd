// /p: the reader's own centre. Who is not logged in enters an address and the code that is mailed to it.
import type { Response } from 'express'
import { currentPolicy } from '../consent/policies'
import { endSession } from '../consent/reader-sessions'
import { openReader } from '../consent/readers'
import { CODE_MINUTES } from '../consent/redeem-code'
import { Reader } from '../entities/reader'
import { maskAddress } from '../mail/address'
import { message } from '../messages'
import { transaction } from '../transaction'
import { centreActs, type Outcome } from './centre-acts'
import { centreLogin } from './centre-login'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { type OwnContext, whoAsks } from './own-page'
import { type Frame, frameOf, sendPage } from './page-frame'
import { centrePage } from './pages/centre-page'
import { codePage } from './pages/code-page'
import type { FieldError } from './pages/form-parts'
import { clearReaderCookie } from './reader-cookie'
import { settingsOf, stillOn } from './topic-settings'
import { ErrorCode, RateLimitedError, type UserError } from './user-errors'

export const centreForm: DoorHandler = async (services, request, response) => {
  const { context, frame, own } = await whoAsks(services, request, response)
  if (!own) return centreLogin(context, frame, new URLSearchParams(), response)
  await show(own, frame, response)
}

export const centreSubmit: DoorHandler = async (services, request, response) => {
  const fields = await formFields(request)
  const { context, frame, own } = await whoAsks(services, request, response)
  if (!own) return centreLogin(context, frame, fields, response)
  const act = fields.get('act') ?? ''
  if (act === 'logout') return logOut(own, response)
  const run = Object.hasOwn(centreActs, act) ? centreActs[act] : undefined
  if (!run) return show(own, frame, response)
  const outcome = await run(own, fields)
  if (needsCode(outcome)) return askForCode(own, frame, fields, outcome, response)
  await show(own, frame, response, outcome)
}

async function logOut({ db, config, reader, readerSession }: OwnContext, response: Response): Promise<void> {
  await transaction(db, tx => endSession(tx, reader.id, readerSession.publicId))
  clearReaderCookie(config, response)
  response.redirect(303, '/p')
}

const CODE_ERRORS: readonly ErrorCode[] = [ErrorCode.FRESH_PROOF_REQUIRED, ErrorCode.CODE_INVALID]

const needsCode = (outcome: Outcome): outcome is UserError[] =>
  Array.isArray(outcome) && outcome.some(error => CODE_ERRORS.includes(error.code))

/** What a form may carry through the step with the code. */
const CARRIED = [
  ...['act', 'slug', 'choice', 'policyVersion', 'purposeVersion', 'key', 'granted'],
  ...['for', 'until', 'newEmail'],
]
const MAX_CARRIED = 500

function askForCode(
  { keyring, reader, locale }: OwnContext,
  frame: Frame,
  fields: URLSearchParams,
  errors: UserError[],
  response: Response,
): void {
  const hidden = CARRIED.flatMap(name => {
    const value = fields.get(name)
    return value === null ? [] : [[name, value.slice(0, MAX_CARRIED)] as const]
  })
  const isWrong = errors.some(error => error.code === ErrorCode.CODE_INVALID)
  const person = openReader(keyring, reader)
  const html = codePage({
    ...frame,
    action: '/p',
    hidden: Object.fromEntries(hidden),
    maskedEmail: person ? maskAddress(person.email) : '',
    minutes: CODE_MINUTES,
    errors: isWrong ? [{ field: 'code', message: message(locale, 'centre.code.error') }] : [],
  })
  sendPage(response, html, isWrong ? 422 : 200)
}

async function show(
  context: OwnContext,
  before: Frame,
  response: Response,
  outcome?: Outcome,
): Promise<void> {
  const { db, keyring, request } = context
  const reader = await db.manager.findOneByOrFail(Reader, { id: context.reader.id })
  const person = openReader(keyring, reader)
  // The language may just have been changed.
  const frame =
    reader.locale === context.reader.locale ? before : await frameOf(context, request, reader.locale)
  const policy = await currentPolicy(db.manager, frame.locale, frame.locales)
  const errors = Array.isArray(outcome) ? outcome : []
  const limited = errors.find(error => error instanceof RateLimitedError)
  if (limited) response.set('Retry-After', String(limited.retryAfterSeconds))
  const html = centrePage({
    ...frame,
    ...(await settingsOf(db.manager, reader.id, frame)),
    email: person?.email ?? '',
    name: person?.name ?? null,
    language: reader.locale,
    timeZone: reader.timeZone,
    pausedUntil: stillOn(reader.pausedUntil),
    policyVersion: policy.version,
    done: Array.isArray(outcome) ? undefined : outcome,
    errors: errors.map(error => fieldError(error, frame.locale)),
  })
  sendPage(response, html, limited ? 429 : errors.length > 0 ? 422 : 200)
}

function fieldError(error: UserError, locale: string): FieldError {
  const field = error.field?.at(-1) ?? ''
  if (field === 'newEmail' && error.code !== ErrorCode.RATE_LIMITED)
    return { field, message: message(locale, 'signup.errorEmail') }
  if (error.code === ErrorCode.STALE_POLICY)
    return { field: '', message: message(locale, 'signup.errorStale') }
  return { field: ['name', 'timeZone', 'until'].includes(field) ? field : '', message: error.message }
}
