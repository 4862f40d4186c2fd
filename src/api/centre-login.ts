// /p for who is not logged in: an address, then the code that was mailed to it.
import type { Response } from 'express'
import { logInWithCode } from '../consent/log-in'
import { openSession } from '../consent/reader-sessions'
import { CODE_MINUTES } from '../consent/redeem-code'
import { SessionTransport } from '../entities/session-transport'
import { parseAddress } from '../mail/address'
import { message } from '../messages'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { wanted } from './answer-session'
import type { ApiContext } from './context'
import { isFromOwnPage } from './own-origin'
import { type Frame, sendPage } from './page-frame'
import { centreLoginPage, codePage } from './pages/code-page'
import type { FieldError } from './pages/form-parts'
import { setReaderCookie } from './reader-cookie'
import { startLogin } from './start-login'
import { RateLimitedError } from './user-errors'

/** Answers one step of the form: `act=login` mails a code, `act=code` logs this browser in. */
export async function centreLogin(
  context: ApiContext,
  frame: Frame,
  fields: URLSearchParams,
  response: Response,
): Promise<void> {
  const email = (fields.get('email') ?? '').slice(0, 300)
  if (fields.get('act') === 'code')
    return enterCode(context, frame, { email, code: fields.get('code') ?? '' })
  if (fields.get('act') !== 'login') return sendPage(response, centreLoginPage({ ...frame, errors: [] }))
  const error = await startLogin(context, email)
  if (!error) return sendPage(response, askForCode(frame, email, []))
  const isLimited = error instanceof RateLimitedError
  if (isLimited) response.set('Retry-After', String(error.retryAfterSeconds))
  const errors: FieldError[] = [
    isLimited
      ? { field: '', message: error.message }
      : { field: 'email', message: message(frame.locale, 'signup.errorEmail') },
  ]
  sendPage(response, centreLoginPage({ ...frame, errors, email }), isLimited ? 429 : 422)
}

const askForCode = (frame: Frame, email: string, errors: FieldError[]): string =>
  codePage({
    ...frame,
    action: '/p',
    hidden: { act: 'code', email },
    maskedEmail: undefined,
    minutes: CODE_MINUTES,
    errors,
  })

async function enterCode(
  context: ApiContext,
  frame: Frame,
  { email, code }: { email: string; code: string },
): Promise<void> {
  const { db, keyring, config, request, response } = context
  if (!response) throw new Error('A page has a response')
  const hash = addressHash(keyring, parseAddress(email)?.canonical ?? '')
  // A form of another site would log the visitor in as somebody else.
  const opened = isFromOwnPage(request, config.publicUrl)
    ? await transaction(db, async tx => {
        const loggedIn = await logInWithCode(tx, keyring, hash, code)
        return loggedIn.kind === 'reader'
          ? openSession(tx, loggedIn.reader, wanted(context, SessionTransport.COOKIE))
          : undefined
      })
    : undefined
  if (!opened) {
    const errors = [{ field: 'code', message: message(frame.locale, 'centre.code.error') }]
    return sendPage(response, askForCode(frame, email, errors), 422)
  }
  setReaderCookie(config, response, opened.token)
  response.redirect(303, '/p')
}
