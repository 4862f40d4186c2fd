// The message on its way through DATA: all but its end is written, then the gate decides, then the end may follow (DESIGN §5.5).
import { Readable } from 'node:stream'
import type { Permit } from '../consent/permit'
import { HELD_BYTES } from './parts'
import type { Gate } from './smtp-work'

export type GateOutcome =
  | { kind: 'not-asked' }
  | { kind: 'passed' }
  | { kind: 'refused'; reason: string }
  | { kind: 'failed'; error: Error }

const CHUNK_BYTES = 16_384

/**
 * One message, one gate, asked at most once and only after everything but the last bytes was taken over by
 * the connection. `isHandedOver` turns true in the same turn as the last bytes leave: from then on the
 * server may have the message. A refusal ends the stream with an error; ending it without one would let
 * nodemailer finish a truncated message (reliability.md M9).
 */
export class GatedBody {
  readonly stream: Readable
  outcome: GateOutcome = { kind: 'not-asked' }
  isHandedOver = false
  #position = 0
  #isStopped = false
  #asked: Promise<void> | undefined

  constructor(
    private readonly raw: Buffer,
    private readonly gate: Gate,
  ) {
    this.stream = new Readable({ highWaterMark: 1, read: () => this.#next() })
    // Nodemailer listens while it sends; later errors (a refusal after the connection died) have no other listener.
    this.stream.on('error', () => {})
  }

  /** The connection has given up or answered: nothing more leaves. Resolves when a gate under way has decided. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#asked
    this.stream.destroy(this.isHandedOver ? undefined : new Error('The message was not finished'))
  }

  #next(): void {
    const held = Math.max(this.raw.length - HELD_BYTES, 0)
    if (this.#position < held) {
      const end = Math.min(this.#position + CHUNK_BYTES, held)
      const chunk = this.raw.subarray(this.#position, end)
      this.#position = end
      this.stream.push(chunk)
      return
    }
    if (this.#isStopped) return
    this.#asked ??= this.#ask()
  }

  async #ask(): Promise<void> {
    try {
      const answer = await this.gate()
      if (answer.kind === 'refused') this.#refuse(answer, `The gate refused: ${answer.reason}`)
      else this.#pass(answer.permit)
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      this.#refuse({ kind: 'failed', error: failure }, 'The gate failed')
    }
  }

  #pass(permit: Permit): void {
    // The type already says so; this is the last line of defence before the point of no return.
    if (permit.granted !== true) throw new TypeError('The gate answered without a permit')
    this.outcome = { kind: 'passed' }
    if (this.#isStopped || this.stream.destroyed) return
    this.isHandedOver = true
    this.stream.push(this.raw.subarray(this.#position))
    this.stream.push(null)
  }

  #refuse(outcome: GateOutcome, message: string): void {
    this.outcome = outcome
    this.stream.destroy(new Error(message))
  }
}
