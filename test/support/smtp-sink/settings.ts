// What a sink is told at its start, what it keeps, and which fault is to be played where.
import {
  type Fault,
  type FaultKind,
  type FaultPlace,
  isOfServer,
  type ParsedFault,
  parseFault,
} from './faults'

export type Extension = 'PIPELINING' | 'CHUNKING' | '8BITMIME' | 'SMTPUTF8' | 'SIZE' | 'ENHANCEDSTATUSCODES'
/** Signed by the test authority for localhost; the same for another name; run out in 2020; signed by nobody. */
export type Certificate = 'good' | 'wrong-name' | 'expired' | 'self-signed'

/** A message that was completed (its dot, or BDAT LAST), whatever was answered to it. */
export interface Received {
  at: number
  from: string
  to: string[]
  /** After dot-unstuffing. */
  data: Buffer
  /** First digit of the answer; undefined when none was given, or none that a client could understand. */
  answer: number | undefined
  by: 'data' | 'bdat'
  /** The how-manieth connection to this sink it came over, from 1. */
  connection: number
}

export interface SinkOptions {
  /** Before each reply. */
  delayMs?: number
  isPipelining?: boolean
  /**
   * Offered after EHLO, besides PIPELINING by `isPipelining`. Given, the sink is strict: parameters and characters
   * need the extension that allows them, and enhanced codes are only given when offered. Not given: SIZE, and lenient.
   */
  extensions?: readonly Extension[]
  /** Larger messages are refused; otherwise 1,000,000 is announced and nothing refused. */
  maxBytes?: number
  /** Offered by STARTTLS, or spoken from the first byte. */
  tls?: 'starttls' | 'implicit'
  certificate?: Certificate
  /** Given, MAIL needs AUTH before it. */
  credentials?: { user: string; password: string }
  /** From the start, as by `fail`. */
  fault?: Fault
  /** How long the fault `slow` waits. */
  slowMs?: number
  /** Between the bytes of the fault `bytes`. */
  byteMs?: number
  /** Takes each message instead of `received`, and commands are not kept: for runs too long for the memory. */
  onMessage?: (message: Received) => void
  /** A recipient's fault is played every other time, so that everybody gets through in the end. */
  isAlternating?: boolean
  /** Of a server that was there before; otherwise any free one. */
  port?: number
}

/** One sink, as its connections see it. */
export interface Shared {
  readonly options: SinkOptions
  readonly offered: ReadonlySet<Extension>
  readonly received: Received[]
  readonly commands: string[]
  readonly faults: Faults
  password: string
  certificate: Certificate
}

export class Faults {
  isHealed = false
  #server: (ParsedFault & { after: number; played: number }) | undefined
  readonly #attempts = new Map<string, number>()

  constructor(private readonly isAlternating = false) {}

  /** From now on the whole server fails like this, on connections that have taken so many messages. */
  fail(what: Fault | undefined, after = 0): void {
    const fault = what === undefined ? undefined : parseFault(what)
    if (what !== undefined && !fault) throw new Error(`The sink knows no fault ${what}`)
    this.#server = fault && { ...fault, after, played: 0 }
  }

  /** What this recipient asks for now; asking is an attempt. */
  askedBy(address: string): ParsedFault | undefined {
    const fault = this.isHealed ? undefined : parseFault(address)
    if (!fault || isOfServer(fault)) return undefined
    if (fault.times === Number.POSITIVE_INFINITY && !this.isAlternating) return fault
    const attempt = (this.#attempts.get(address) ?? 0) + 1
    this.#attempts.set(address, attempt)
    if (this.isAlternating) return attempt % 2 === 1 ? fault : undefined
    return attempt <= fault.times ? fault : undefined
  }

  /** What the whole server does at this place now; asking plays it. */
  ofServer(place: FaultPlace, messages: number): FaultKind | undefined {
    const fault = this.#server
    if (!fault || this.isHealed || messages < fault.after || fault.played >= fault.times) return undefined
    if (fault.place !== place && !(fault.place === 'any' && isReply(place))) return undefined
    fault.played++
    return fault.kind
  }
}

const isReply = (place: FaultPlace): boolean => !['after-354', 'in-body', 'idle'].includes(place)
