// What must become of a delivery when the server fails in each of these ways (DESIGN I1, I5, §5.6; standards, status table).
import type { Fault, SinkOptions } from './smtp-sink'

/**
 * Which hand-off the row is for: one command at a time (`plain`), several at once (`pipelined`), or every one. The gate
 * takes at least 50 ms in all of them: a shorter one may pass before a reset in the body is seen.
 */
export type Transports = 'plain' | 'pipelined' | 'both'

export interface Expected {
  status: 'sent' | 'failed' | 'unknown' | 'queued'
  /** A queued one waits for its retry row, for a server that works (nothing counts as tried), or for a person (paused). */
  waitsFor?: 'retry' | 'server' | 'person'
  /** Gates passed; absent where the fault races the gate. */
  attempts?: number
  /** Messages the sink completed and did not refuse. */
  completed: number
  smtpStatus?: string
}

export interface FaultRow {
  /** The local part of the recipient asks for it, … */
  recipient?: Fault
  /** … the whole server fails like this, on connections that have taken `after` messages, … */
  server?: Fault
  after?: number
  /** … or it is a server of this sort. */
  sink?: SinkOptions
  transaction: string
  expected: Expected
  transports: Transports
  /** Retries that the test makes due before it looks. */
  retries?: number
  /** The client sees it only by its own time-out. */
  timesOut?: true
}

type More = Partial<Pick<FaultRow, 'transports' | 'retries' | 'timesOut' | 'after' | 'sink' | 'server'>>

const ofRecipient = (
  recipient: Fault,
  transaction: string,
  expected: Expected,
  more: More = {},
): FaultRow => ({
  recipient,
  transaction,
  expected,
  transports: 'both',
  ...more,
})
const ofServer = (server: Fault, transaction: string, expected: Expected, more: More = {}): FaultRow => ({
  server,
  transaction,
  expected,
  transports: 'both',
  ...more,
})
const ofSort = (sink: SinkOptions, transaction: string, expected: Expected, more: More = {}): FaultRow => ({
  sink,
  transaction,
  expected,
  transports: 'both',
  ...more,
})

const SENT: Expected = { status: 'sent', attempts: 1, completed: 1 }
const RETRY: Expected = { status: 'queued', waitsFor: 'retry', attempts: 0, completed: 0 }
/** The gate may have passed; its permit was provably not used. */
const RETRY_IN_BODY: Expected = { status: 'queued', waitsFor: 'retry', completed: 0 }
const RETRY_AFTER_DOT: Expected = { ...RETRY, attempts: 1 }
const FAILED: Expected = { status: 'failed', attempts: 0, completed: 0 }
const FAILED_AFTER_DOT: Expected = { ...FAILED, attempts: 1 }
const UNKNOWN: Expected = { status: 'unknown', attempts: 1, completed: 1 }
const NO_SERVER: Expected = { status: 'queued', waitsFor: 'server', attempts: 0, completed: 0 }
const PAUSED: Expected = { status: 'queued', waitsFor: 'person', attempts: 0, completed: 0 }
const TIMES_OUT: More = { timesOut: true }

const at = (smtpStatus: string, expected: Expected): Expected => ({ ...expected, smtpStatus })

const refusedAtRcpt: FaultRow[] = [
  ofRecipient('421-rcpt', 'RCPT: 421, then FIN', at('4.3.2', RETRY)),
  ofRecipient('450-rcpt', 'RCPT: 450', at('4.2.1', RETRY)),
  ofRecipient('451-rcpt', 'RCPT: 451 greylisted', at('4.7.1', RETRY)),
  ofRecipient('452-rcpt', 'RCPT: 452 mailbox full', at('4.2.2', RETRY)),
  ofRecipient('454-rcpt', 'RCPT: 454', at('4.7.1', RETRY)),
  ofRecipient('550-rcpt', 'RCPT: 550 no such mailbox', at('5.1.1', FAILED)),
  ofRecipient('552-rcpt', 'RCPT: 552 mailbox full', at('5.2.2', FAILED)),
  ofRecipient('553-rcpt', 'RCPT: 553 bad name', at('5.1.3', FAILED)),
  ofRecipient('554-rcpt', 'RCPT: 554 relay denied', at('5.7.1', FAILED)),
  ofRecipient(
    '550-rcpt',
    'RCPT: 550, yet 354 to DATA: the empty message has nobody to go to',
    at('5.1.1', FAILED),
    {
      server: 'lax-data',
      transports: 'pipelined',
    },
  ),
]

const refusedAtData: FaultRow[] = [
  ofRecipient('421-data', 'DATA: 421, then FIN', at('4.3.2', RETRY)),
  ofRecipient('451-data', 'DATA: 451', at('4.3.0', RETRY)),
  ofRecipient('452-data', 'DATA: 452 no storage', at('4.3.1', RETRY)),
  ofRecipient('550-data', 'DATA: 550', at('5.7.1', FAILED)),
  ofRecipient('552-data', 'DATA: 552 too big', at('5.3.4', FAILED)),
  ofRecipient('554-data', 'DATA: 554', at('5.7.1', FAILED)),
]

const refusedAtDot: FaultRow[] = [
  ofRecipient('421-dot', 'dot: 421, then FIN', at('4.3.2', RETRY_AFTER_DOT)),
  ofRecipient('450-dot', 'dot: 450 greylisted', at('4.7.1', RETRY_AFTER_DOT)),
  ofRecipient('451-dot', 'dot: 451', at('4.3.0', RETRY_AFTER_DOT)),
  ofRecipient('452-dot', 'dot: 452 no storage', at('4.3.1', RETRY_AFTER_DOT)),
  ofRecipient('454-dot', 'dot: 454', at('4.3.0', RETRY_AFTER_DOT)),
  ofRecipient('550-dot', 'dot: 550 policy', at('5.7.1', FAILED_AFTER_DOT)),
  ofRecipient('552-dot', 'dot: 552 too big', at('5.3.4', FAILED_AFTER_DOT)),
  ofRecipient('553-dot', 'dot: 553', at('5.7.1', FAILED_AFTER_DOT)),
  ofRecipient('554-dot', 'dot: 554', at('5.7.1', FAILED_AFTER_DOT)),
]

const brokenBeforeBody: FaultRow[] = [
  ofRecipient('reset-rcpt', 'RCPT: reset', RETRY),
  ofRecipient('close-rcpt', 'RCPT: FIN', RETRY),
  ofRecipient('half-rcpt', 'RCPT: half a line, then FIN', RETRY),
  ofRecipient('silent-rcpt', 'RCPT: nothing ever again', RETRY, TIMES_OUT),
  ofRecipient('multi-unfinished-rcpt', 'RCPT: a reply whose last line never comes', RETRY, TIMES_OUT),
  ofRecipient('garbage-rcpt', 'RCPT: a line that is no reply', RETRY),
  ofRecipient('abc-rcpt', 'RCPT: code abc', RETRY),
  ofRecipient('999-rcpt', 'RCPT: code 999', RETRY),
  ofRecipient('reset-data', 'DATA: reset', RETRY),
  ofRecipient('garbage-data', 'DATA: a line that is no reply', RETRY),
  ofRecipient('999-data', 'DATA: code 999', RETRY),
]

const brokenInBody: FaultRow[] = [
  ofRecipient('reset-after-354', 'reset right after 354', RETRY_IN_BODY),
  ofRecipient('close-after-354', 'FIN right after 354', RETRY_IN_BODY),
  ofRecipient('421-after-354', '421 and FIN right after 354', RETRY_IN_BODY),
  ofRecipient('reset-in-body', 'reset in the body', RETRY_IN_BODY),
  ofRecipient('close-in-body', 'FIN in the body', RETRY_IN_BODY),
  ofRecipient('421-in-body', '421 and FIN in the body', RETRY_IN_BODY),
  ofRecipient('250-in-body', '250 in the body: it answers something else', RETRY_IN_BODY),
  ofRecipient('554-in-body', '554 in the body', at('5.7.1', { status: 'failed', completed: 0 })),
  // The server takes every byte and says nothing: the client cannot tell this from silence after the dot.
  ofRecipient('silent-after-354', 'nothing ever again after 354', { ...UNKNOWN, completed: 0 }, TIMES_OUT),
  ofRecipient('silent-in-body', 'nothing ever again in the body', { ...UNKNOWN, completed: 0 }, TIMES_OUT),
]

const noReplyAfterDot: FaultRow[] = [
  ofRecipient('reset-after-dot', 'dot: reset', UNKNOWN),
  ofRecipient('close-after-dot', 'dot: FIN', UNKNOWN),
  ofRecipient('half-after-dot', 'dot: half of a 451, then FIN', UNKNOWN),
  ofRecipient('half250-after-dot', 'dot: half of a 250, then FIN', UNKNOWN),
  ofRecipient('silent-after-dot', 'dot: nothing ever again', UNKNOWN, TIMES_OUT),
  ofRecipient('unfinished-after-dot', 'dot: half of a 250, and nothing', UNKNOWN, TIMES_OUT),
  ofRecipient('multi-unfinished-after-dot', 'dot: a 250 whose last line never comes', UNKNOWN, TIMES_OUT),
  ofRecipient('garbage-after-dot', 'dot: a line that is no reply', UNKNOWN),
  ofRecipient('abc-after-dot', 'dot: code abc', UNKNOWN),
  ofRecipient('2nd-after-dot', 'dot: "2nd try needed", which only looks like 2xx', UNKNOWN),
  ofRecipient('999-after-dot', 'dot: code 999', UNKNOWN),
]

const unusualReplies: FaultRow[] = [
  ofRecipient('slow-after-dot', 'dot: 250 after a while', SENT),
  ofRecipient('bytes-after-dot', 'dot: 250 byte by byte', SENT),
  ofRecipient('multi-after-dot', 'dot: 250 in three lines', SENT),
  ofRecipient('twice-after-dot', 'dot: 250 twice; the second answers nothing of the next message', SENT),
  ofRecipient(
    'contradicted-after-dot',
    'dot: 250, then 554; the first counts, the connection is not used again',
    SENT,
  ),
  ofRecipient('long-after-dot', 'dot: 250 with 64 kB of words', SENT),
  ofRecipient('bare-after-dot', 'dot: 250 without words', SENT),
  ofRecipient('barelf-after-dot', 'dot: 250 with a bare LF', SENT),
]

const laterAccepted: FaultRow[] = [
  ofRecipient('450x2-rcpt', 'RCPT: 450 twice, then taken', SENT, { retries: 2 }),
  ofRecipient('451x1-dot', 'dot: 451 once, then taken', { ...SENT, attempts: 2 }, { retries: 1 }),
  ofRecipient('resetx1-rcpt', 'RCPT: reset once, then taken', SENT, { retries: 1 }),
  // The second try would be taken, yet it never comes.
  ofRecipient('resetx1-after-dot', 'dot: reset once', UNKNOWN, { retries: 1 }),
]

const connecting: FaultRow[] = [
  ofServer('421-banner', 'greeting: 421', NO_SERVER),
  ofServer('554-banner', 'greeting: 554', NO_SERVER),
  ofServer('reset-banner', 'reset before the greeting', NO_SERVER),
  ofServer('close-banner', 'FIN before the greeting', NO_SERVER),
  ofServer('garbage-banner', 'greeting: no reply at all', NO_SERVER),
  ofServer('silent-banner', 'no greeting', NO_SERVER, TIMES_OUT),
  ofServer('bytes-banner', 'greeting: a byte a minute', NO_SERVER, {
    ...TIMES_OUT,
    sink: { byteMs: 60_000 },
  }),
  ofServer('long-banner', 'greeting: 64 kB', SENT),
  ofServer('multi-banner', 'greeting: three lines', SENT),
  ofServer('500-ehlo', 'EHLO: 500, HELO only', SENT),
  ofServer('421-ehlo', 'EHLO: 421', NO_SERVER),
  ofServer('reset-ehlo', 'EHLO: reset', NO_SERVER),
]

const wholeServer: FaultRow[] = [
  ofServer('421-mail', 'MAIL: 421, then FIN', at('4.3.2', RETRY)),
  ofServer('451-mail', 'MAIL: 451', at('4.3.0', RETRY)),
  ofServer('452-mail', 'MAIL: 452 no storage', at('4.3.1', RETRY)),
  ofServer('550-mail', 'MAIL: 550 our sender is unknown', PAUSED),
  ofServer('553-mail', 'MAIL: 553 our sender is malformed', PAUSED),
  ofServer('530-mail', 'MAIL: 530 log in first', PAUSED),
  ofServer('552-mail', 'MAIL: 552 this message is too big', at('5.3.4', FAILED)),
  ofSort({ maxBytes: 1000 }, 'SIZE announced is smaller than the message', at('5.3.4', FAILED)),
  ofServer('reset-mail', 'MAIL: reset', { status: 'queued', attempts: 0, completed: 0 }),
  ofServer('twice-mail', 'MAIL: 250 twice, so that every later reply comes one too early', RETRY_IN_BODY),
  ofServer('bytes-any', 'every reply byte by byte', SENT),
  ofServer('multi-any', 'every reply in three lines', SENT),
  ofServer('barelf-any', 'every reply with bare LF', SENT),
  ofServer('421-idle', '421 and FIN right after each 250', SENT),
  ofServer('close-idle', 'FIN right after each 250', SENT),
  ofServer('421-mail', '421 to MAIL after one message per connection', SENT, { after: 1 }),
]

const STARTTLS: SinkOptions = { tls: 'starttls' }
const LOG_IN: SinkOptions = { credentials: { user: 'us', password: 'right' } }

const tlsAndLogIn: FaultRow[] = [
  ofSort(STARTTLS, 'STARTTLS', SENT),
  ofSort({ tls: 'implicit' }, 'TLS from the start', SENT),
  ofServer('454-starttls', 'STARTTLS: 454', NO_SERVER, { sink: STARTTLS }),
  ofServer('stripped-ehlo', 'STARTTLS is not offered though required', NO_SERVER, { sink: STARTTLS }),
  ofServer('injected-starttls', 'plaintext right behind the 220 is not from inside the TLS', SENT, {
    sink: STARTTLS,
  }),
  ofSort({ ...STARTTLS, certificate: 'wrong-name' }, 'certificate for another name', NO_SERVER),
  ofSort({ ...STARTTLS, certificate: 'expired' }, 'certificate run out', NO_SERVER),
  ofSort({ ...STARTTLS, certificate: 'self-signed' }, 'certificate signed by nobody', NO_SERVER),
  ofSort({ tls: 'implicit', certificate: 'wrong-name' }, 'TLS from the start, for another name', NO_SERVER),
  ofSort(LOG_IN, 'log-in', SENT),
  ofServer('535-auth', 'AUTH: 535', PAUSED, { sink: LOG_IN }),
  ofServer('454-auth', 'AUTH: 454 4.7.0', PAUSED, { sink: LOG_IN }),
]

export const FAULT_TABLE: readonly FaultRow[] = [
  ...refusedAtRcpt,
  ...refusedAtData,
  ...refusedAtDot,
  ...brokenBeforeBody,
  ...brokenInBody,
  ...noReplyAfterDot,
  ...unusualReplies,
  ...laterAccepted,
  ...connecting,
  ...wholeServer,
  ...tlsAndLogIn,
]
