// What became of a hand-off by the plain transport: nodemailer's errors read once more, with what our own stream knows.
import type { GatedBody } from './smtp-body'
import { describe, type HandOffResult, type SmtpError, type Stage } from './smtp-result'

/** What nodemailer's connection reported: a reply text, or an error with its fields. */
export interface Transmission {
  response?: string
  error?: SmtpError
}

const STAGES: Readonly<Record<string, Stage>> = { 'MAIL FROM': 'mail', 'RCPT TO': 'rcpt', DATA: 'data' }
// The two codes under which nodemailer reports a complete reply to this message. A reset or time-out before and
// after the dot looks alike in everything else, an unfinished last line included.
const REPLY_CODES = new Set(['EENVELOPE', 'EMESSAGE'])

/** The one place that turns a transmission into a state. When in doubt after the dot: unknown, never deferred. */
export function resultOf({ response, error }: Transmission, body: GatedBody): HandOffResult {
  const { outcome, isHandedOver } = body
  const gatePassed = outcome.kind === 'passed'
  if (outcome.kind === 'refused') return outcome
  if (outcome.kind === 'failed') return { kind: 'not-sent', error: outcome.error }
  if (response !== undefined) {
    const ending = describe(response, 'dot', gatePassed)
    // A 2xx before the end was written answers something else; the connection is dropped, so nothing can follow.
    if (!isHandedOver) return { kind: 'deferred', ...ending, stage: 'body' }
    // Nodemailer takes every line that begins with a 2 for a yes.
    return { kind: /^2\d\d(?:[ -]|$)/.test(response) ? 'sent' : 'unknown', ...ending }
  }
  return failureOf(error ?? new Error('The connection ended'), body, gatePassed)
}

function failureOf(error: SmtpError, { isHandedOver }: GatedBody, gatePassed: boolean): HandOffResult {
  const stage = stageOf(error, isHandedOver)
  const ending = describe(error.response || error.message, stage, gatePassed)
  const reply = REPLY_CODES.has(error.code ?? '') ? Math.floor((error.responseCode ?? 0) / 100) : 0
  if (reply === 5) return { kind: 'rejected', ...ending }
  if (reply === 4) return { kind: 'deferred', ...ending }
  if (isHandedOver) return { kind: 'unknown', ...ending }
  // RFC 1870: the server announced a smaller limit than this message needs.
  if (error.code === 'EMESSAGE' && error.command === 'MAIL FROM')
    return { kind: 'rejected', ...ending, smtpStatus: '5.3.4' }
  if (error.code === 'EENVELOPE' && error.command === 'API') return { kind: 'not-sent', error }
  return { kind: 'deferred', ...ending }
}

function stageOf({ code, command = '' }: SmtpError, isHandedOver: boolean): Stage {
  if (code === 'EENVELOPE' || (code === 'EMESSAGE' && command === 'MAIL FROM'))
    return STAGES[command] ?? 'mail'
  return isHandedOver ? 'dot' : 'body'
}
