// One message on its way out, and who may carry it. The queue, the servers and both transports speak in these words.
import type { Permit } from '../consent/permit'
import type { Message } from './message'
import type { HandOffResult } from './smtp-result'

export type GateAnswer = { kind: 'passed'; permit: Permit } | { kind: 'refused'; reason: string }

/** Asked at most once for each time a message is offered, when the server has everything but its end. */
export type Gate = () => Promise<GateAnswer>

export interface Work {
  message: Message
  gate: Gate
  /** Messages of one lane keep their order; lanes take turns. */
  lane: string
  /** How often a connection was lost under it before the server had asked for a single byte of it. */
  lost: number
  end(result: HandOffResult): void
}

/** An open, logged-in connection of either transport. */
export interface Session {
  /**
   * Carries the message to its end, and then whatever `more` gives. Every message taken is either ended or given back
   * with `putBack` because the connection was gone before the server had asked for any of it. Never rejects.
   */
  carry(first: Work, more: () => Work | undefined, putBack: (work: Work) => void): Promise<void>
  /** False once the connection is gone or must not carry another message. */
  readonly isUsable: boolean
  /** Called once, when the connection is gone. */
  onGone(listener: () => void): void
  /** Says goodbye where it still can, and closes; no message is open on it. */
  quit(): void
}

export interface SmtpTimes {
  /** From the start until the server takes messages: look-up, connect, TLS, log-in. */
  connectMs: number
  greetingMs: number
  /** Each command and each block of the body: RFC 5321 §4.5.3.2 asks for 5 minutes. */
  stepMs: number
  /** After the final dot: RFC 5321 §4.5.3.2.6 asks for at least 10 minutes, every earlier end makes an `unknown`. */
  dotMs: number
  /** Closed by us when unused this long, before the server does it in the middle of a new message. */
  idleMs: number
}
