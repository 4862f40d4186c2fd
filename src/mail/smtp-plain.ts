// The plain transport: nodemailer does the transaction, the gate sits in the body it reads. One message at a time.
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import { bytesOf, sizeOf } from './parts'
import { GatedBody } from './smtp-body'
import { resultOf, type Transmission } from './smtp-plain-result'
import type { SmtpError } from './smtp-result'
import type { Session, Work } from './smtp-work'

const QUIT_MS = 1_000

export class PlainSession implements Session {
  #hasCarried = false
  #isDone = false

  constructor(private readonly connection: SMTPConnection) {}

  get isUsable(): boolean {
    return !this.#isDone && !this.connection.destroyed
  }

  onGone(listener: () => void): void {
    if (this.connection.destroyed) listener()
    else this.connection.once('end', listener)
  }

  async carry(work: Work, _more: unknown, putBack: (work: Work) => void): Promise<void> {
    const body = new GatedBody(bytesOf(work.message.parts), work.gate)
    const transmission = await this.#transmit(work, body)
    await body.stop()
    if (this.#hasCarried && this.#isStale(transmission.error, body)) {
      this.#discard()
      return putBack(work)
    }
    this.#hasCarried = true
    await this.#settleConnection(transmission, body)
    work.end(resultOf(transmission, body))
  }

  quit(): void {
    this.#isDone = true
    this.connection.quit()
    setTimeout(() => this.connection.close(), QUIT_MS).unref()
  }

  #transmit({ message }: Work, body: GatedBody): Promise<Transmission> {
    // Nodemailer's note of the server's last words: what it holds afterwards was said to this message.
    this.connection.lastServerResponse = false
    return new Promise(resolve => {
      const { from, to } = message.envelope
      // One recipient, the stored address as it is (I13); nothing here parses it again (M10).
      const envelope = { from, to: [to], size: sizeOf(message.parts) }
      const onEnd = () => setImmediate(() => resolve({ error: new Error('The connection was closed') }))
      this.connection.once('end', onEnd)
      this.connection.send(envelope, body.stream, (error, info) => {
        this.connection.off('end', onEnd)
        resolve(error ? { error } : { response: info.response ?? '' })
      })
    })
  }

  /**
   * Used again only when both sides agree that no message is open: it was finished and answered, or it was refused
   * before its first byte. A reply in the middle of the body leaves the server inside DATA, where the next message
   * would be appended to this one.
   */
  async #settleConnection({ error }: Transmission, body: GatedBody): Promise<void> {
    if (!error && body.isHandedOver) return
    const isAnswered = error?.responseCode !== undefined && error.responseCode !== 421
    const isRefusedBefore = error?.code === 'EENVELOPE' && isAnswered && !body.stream.readableDidRead
    const isRefusedAfter = error?.code === 'EMESSAGE' && isAnswered && body.isHandedOver
    if (!isRefusedBefore && !isRefusedAfter) return this.#discard()
    const failure = await new Promise<Error | null>(resolve => {
      this.connection.once('end', () => resolve(new Error('gone')))
      this.connection.reset(error => resolve(error ?? null))
    })
    if (failure) this.#discard()
  }

  /** The server had closed the connection while it was idle: it has answered nothing of the message, or MAIL with 421. */
  #isStale(error: SmtpError | undefined, body: GatedBody): boolean {
    if (!error || body.stream.readableDidRead) return false
    if (error.responseCode === 421) return error.command === 'MAIL FROM'
    const isLost = ['ECONNECTION', 'ESOCKET', 'ETIMEDOUT'].includes(error.code ?? '')
    return isLost && this.connection.lastServerResponse === false
  }

  #discard(): void {
    this.#isDone = true
    this.connection.close()
  }
}
