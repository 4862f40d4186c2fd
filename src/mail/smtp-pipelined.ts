// Our own SMTP transaction: PIPELINING and CHUNKING where offered, the gate before the last bytes, and behind them in the
// same write the envelope of the next message (RFC 2920 §3.1). At most one message is between its gate and its reply.
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import { type Step, step } from '../steps'
import { joined, type Part, sizeOf } from './parts'
import { asBlocks, type Blocks } from './smtp-blocks'
import type { Reply } from './smtp-replies'
import { answered, concluded, interrupted, type Stage, tooLarge } from './smtp-result'
import { SmtpSocket } from './smtp-socket'
import type { Session, SmtpTimes, Work } from './smtp-work'

interface Offered {
  work: Work
  blocks: Blocks
  /** The replies to MAIL, RCPT and DATA, or BDAT with all but the last bytes. */
  replies: Promise<Reply[]>
}

const STAGES: readonly Stage[] = ['mail', 'rcpt', 'data']
const TAKEN: readonly Step[] = ['mail.after', 'rcpt.after', 'data.after']
const QUIT_MS = 1_000

export class PipelinedSession implements Session {
  readonly #socket: SmtpSocket
  readonly #isPipelining: boolean
  readonly #isChunking: boolean
  readonly #hasSize: boolean
  readonly #maxSize: number
  #carried = 0

  constructor(
    connection: SMTPConnection,
    private readonly times: SmtpTimes,
  ) {
    this.#socket = new SmtpSocket(connection, Math.min(1000, times.stepMs / 4))
    const { extensions } = this.#socket
    this.#isPipelining = extensions.includes('PIPELINING')
    this.#isChunking = extensions.includes('CHUNKING')
    const size = extensions.find(line => /^SIZE\b/.test(line))
    this.#hasSize = size !== undefined
    this.#maxSize = Number(size?.split(' ')[1] ?? 0) || Number.POSITIVE_INFINITY
  }

  get isUsable(): boolean {
    return this.#socket.isOpen && !this.#socket.unasked
  }

  onGone(listener: () => void): void {
    this.#socket.onOver(listener)
  }

  quit(): void {
    if (!this.isUsable) return this.#socket.destroy(new Error('The server spoke unasked'))
    this.#socket.write(['QUIT\r\n'])
    const end = () => this.#socket.destroy(new Error('Closed by us'))
    const timer = setTimeout(end, QUIT_MS).unref()
    this.#socket.onOver(() => clearTimeout(timer))
  }

  async carry(first: Work, more: () => Work | undefined, putBack: (work: Work) => void): Promise<void> {
    if (!this.isUsable) {
      this.#socket.destroy(new Error('The server spoke unasked'))
      return putBack(first)
    }
    let previous: Work | undefined
    let current = this.#offer(first)
    while (previous || current) {
      if (previous) await this.#conclude(previous)
      previous = undefined
      if (current && (await this.#isGoing(current, putBack))) {
        previous = current.work
        current = this.#finish(current, this.#isPipelining ? more() : undefined)
      } else current = this.#next(more)
    }
    this.#socket.rest()
  }

  #next(more: () => Work | undefined): Offered | undefined {
    const next = this.isUsable ? more() : undefined
    return next && this.#offer(next)
  }

  /** Whether server and gate both want the end of the message; otherwise it is ended or given back. */
  async #isGoing(offered: Offered, putBack: (work: Work) => void): Promise<boolean> {
    return (await this.#isTaken(offered, putBack)) && (await this.#isPassed(offered))
  }

  /** Opens the transaction, behind the end of the message before it where there is one. */
  #offer(work: Work, before: readonly Part[] = []): Offered | undefined {
    const { message } = work
    const octets = sizeOf(message.parts)
    if (octets > this.#maxSize) {
      if (before.length > 0) this.#write(before)
      work.end(tooLarge(octets, this.#maxSize))
      return undefined
    }
    const blocks = asBlocks(message.parts, this.#isChunking)
    const size = this.#hasSize ? ` SIZE=${octets}` : ''
    const commands = [
      `MAIL FROM:<${message.envelope.from}>${size}\r\n`,
      `RCPT TO:<${message.envelope.to}>\r\n`,
      ...blocks.first,
    ]
    if (!this.#isPipelining) return { work, blocks, replies: this.#stepByStep(commands) }
    this.#write([...before, ...commands])
    return { work, blocks, replies: this.#socket.expect(STAGES.length) }
  }

  #write(parts: readonly Part[]): void {
    this.#socket.write(joined(parts))
    this.#socket.within(this.times.stepMs)
  }

  /** Without PIPELINING each command waits for the answer to the one before (RFC 5321 §4.3.1). */
  async #stepByStep([mail = '', rcpt = '', ...data]: readonly Part[]): Promise<Reply[]> {
    const replies: Reply[] = []
    for (const command of [[mail], [rcpt], data]) {
      this.#write(command)
      const [reply] = await this.#socket.expect(1)
      if (!reply) break
      replies.push(reply)
      if (reply.code >= 400) break
    }
    return replies
  }

  /** Whether the server wants the end of the message. If not, the message is ended or given back. */
  async #isTaken(offered: Offered, putBack: (work: Work) => void): Promise<boolean> {
    const answers = await offered.replies
    const at = answers.findIndex(({ code }, index) => code >= 400 || code >= 300 !== this.#wantsMore(index))
    if (at < 0 && answers.length === STAGES.length) {
      await this.#takeOver(offered)
      return true
    }
    await this.#refused(offered.work, answers, at, putBack)
    return false
  }

  async #takeOver({ blocks }: Offered): Promise<void> {
    this.#carried++
    for (const reached of TAKEN) step(reached)
    if (blocks.head.length > 0) await this.#socket.flush(joined(blocks.head), this.times.stepMs)
    step('body.middle')
  }

  async #refused(
    work: Work,
    answers: readonly Reply[],
    at: number,
    putBack: (work: Work) => void,
  ): Promise<void> {
    const reply = answers[at]
    // Gone, or going, since the message before: this one was not looked at.
    const isStale = this.#carried > 0 && (answers.length === 0 || (at === 0 && reply?.code === 421))
    if (reply && !isStale) {
      this.#carried++
      await this.#forget(reply, answers)
      return work.end(answered(reply, STAGES[at] ?? 'data', false))
    }
    const error = this.#socket.error ?? new Error('The server is closing')
    this.#socket.destroy(error)
    if (isStale) putBack(work)
    else work.end(interrupted(error, STAGES[answers.length] ?? 'body', false))
  }

  /** Only DATA is answered by 3xx. */
  #wantsMore(index: number): boolean {
    return index === 2 && !this.#isChunking
  }

  /** Brings the connection back to its beginning after a refusal; one that does not follow is given up. */
  async #forget(reply: Reply, answers: readonly Reply[]): Promise<void> {
    if (reply.code === 421 || reply.code < 400)
      return this.#socket.destroy(new Error('The server is closing'))
    // It wants data of a message without a recipient: an empty one ends that, and goes to nobody.
    const isInData = answers[2]?.code === 354
    await this.#reset(isInData ? '.\r\n' : 'RSET\r\n')
  }

  async #reset(command: string): Promise<void> {
    this.#write([command])
    const [reply] = await this.#socket.expect(1)
    if (!reply || reply.code === 421 || (command === 'RSET\r\n' && reply.code >= 300))
      this.#socket.destroy(new Error('The server does not follow'))
  }

  /** Asks the gate. False: the message is ended, and the server has no end of it. */
  async #isPassed({ work }: Offered): Promise<boolean> {
    this.#socket.rest()
    try {
      const answer = await work.gate()
      if (answer.kind === 'refused') {
        await this.#drop()
        work.end(answer)
        return false
      }
      // The type already says so; this is the last line of defence before the point of no return.
      if (answer.permit.granted !== true) throw new TypeError('The gate answered without a permit')
    } catch (error) {
      await this.#drop()
      work.end({ kind: 'not-sent', error: error instanceof Error ? error : new Error(String(error)) })
      return false
    }
    if (this.isUsable) return true
    const { unasked, error } = this.#socket
    this.#socket.destroy(new Error('A reply in the middle of the message'))
    work.end(
      unasked ? answered(unasked, 'body', true) : interrupted(error ?? new Error('Lost'), 'body', true),
    )
    return false
  }

  /** Takes back a message whose end was not written: only CHUNKING can, otherwise the connection goes with it. */
  async #drop(): Promise<void> {
    if (this.#isChunking && this.isUsable) await this.#reset('RSET\r\n')
    else this.#socket.destroy(new Error('The message was not finished'))
  }

  /** The point of no return: the last bytes, and what comes behind them. */
  #finish({ blocks }: Offered, next: Work | undefined): Offered | undefined {
    this.#concluding = this.#socket.expect(1)
    const offered = next && this.#offer(next, blocks.last)
    if (!next) this.#write(blocks.last)
    this.#socket.within(this.times.dotMs)
    step('dot.after')
    return offered
  }

  #concluding: Promise<Reply[]> = Promise.resolve([])

  async #conclude(work: Work): Promise<void> {
    const [reply] = await this.#concluding
    step('reply.after')
    const result = concluded(reply, this.#socket.error)
    if (reply?.code === 421 || result.kind === 'unknown')
      this.#socket.destroy(new Error('The server is closing'))
    else this.#socket.within(this.times.stepMs)
    work.end(result)
  }
}
