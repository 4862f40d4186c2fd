// What became of one hand-off, decided from the server's reply and from whether our own last bytes had left.
import { redact } from '../log'
import type { Reply } from './smtp-replies'

/** Where the transaction ended: `dot` is the reply to the finished message. */
export type Stage = 'connect' | 'login' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot'

export interface Ending {
  stage: Stage
  /** The reply's code; absent without a reply. */
  code?: number
  /** Enhanced code if the server gave one (`5.1.1`), else the basic one (`550`); absent without a reply. */
  smtpStatus?: string
  /** The server's or the network's words, addresses masked, at most 250 characters. */
  diagnostic?: string
  /** The gate's transaction had committed: the caller's row is past the gate and must be settled from there. */
  gatePassed: boolean
}

export type HandOffResult =
  /** 2xx after the dot. */
  | ({ kind: 'sent' } & Ending)
  /** The gate said no; the server has no message. */
  | { kind: 'refused'; reason: string }
  /** The gate threw, or the envelope was unusable; the server has no message. Whether the gate committed is not known. */
  | { kind: 'not-sent'; error: Error }
  /** 4xx, or no reply while the end of the message had provably not been written: may be tried again. */
  | ({ kind: 'deferred' } & Ending)
  /** 5xx: never tried again. */
  | ({ kind: 'rejected' } & Ending)
  /** The end was written and no complete reply came (I5). */
  | ({ kind: 'unknown' } & Ending)

export interface SmtpError extends Error {
  code?: string
  command?: string
  response?: string
  responseCode?: number
}

const MAX_DIAGNOSTIC = 250
const REPLY = /^([2345]\d\d)(?:$|[ -](?:([245]\.\d{1,3}\.\d{1,3})(?=\s|$))?)/
/** By the first digit of the reply's code. */
const KINDS: Readonly<Record<number, 'sent' | 'deferred' | 'rejected'>> = {
  2: 'sent',
  4: 'deferred',
  5: 'rejected',
}

/** The message was never offered: no connection, no TLS, no log-in. Always worth another try, whatever the code. */
export const notConnected = (error: SmtpError): HandOffResult => ({
  kind: 'deferred',
  ...describe(error.response || error.message, error.code === 'EAUTH' ? 'login' : 'connect', false),
})

/** The server's answer to a step before the end, or a reply that came unasked. */
export function answered({ code, text }: Reply, stage: Stage, gatePassed: boolean): HandOffResult {
  const kind = code >= 500 ? 'rejected' : 'deferred'
  return { kind, ...describe(text, stage, gatePassed) }
}

/** The connection was lost while the end of the message had provably not been written. */
export const interrupted = (error: Error, stage: Stage, gatePassed: boolean): HandOffResult => ({
  kind: 'deferred',
  ...describe(error.message, stage, gatePassed),
})

/** The answer to the finished message: 2xx, 4xx or 5xx decide, anything else leaves it unknown (I5). */
export function concluded(reply: Reply | undefined, lost: Error | undefined): HandOffResult {
  if (!reply) return { kind: 'unknown', ...describe(lost?.message ?? 'No reply', 'dot', true) }
  return { kind: KINDS[Math.floor(reply.code / 100)] ?? 'unknown', ...describe(reply.text, 'dot', true) }
}

/** RFC 1870: the server takes no message of this size. */
export const tooLarge = (bytes: number, limit: number): HandOffResult => ({
  kind: 'rejected',
  ...describe(`The message has ${bytes} octets, the server takes ${limit}`, 'mail', false),
  smtpStatus: '5.3.4',
})

/** Where it ended and in whose words. */
export function describe(text: string, stage: Stage, gatePassed: boolean): Ending {
  const [, code, enhanced] = REPLY.exec(text) ?? []
  return {
    stage,
    code: code === undefined ? undefined : Number(code),
    smtpStatus: enhanced ?? code,
    diagnostic: redact(text)
      .replace(/\s{2,}|[^\S ]/g, ' ')
      .slice(0, MAX_DIAGNOSTIC),
    gatePassed,
  }
}
