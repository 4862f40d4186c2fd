// A connected socket with nodemailer's hands taken off it: what is written, what comes back for it, and when it is over.
import type { Socket } from 'node:net'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Part } from './parts'
import { Replies, type Reply } from './smtp-replies'

/** What nodemailer (10.x) hangs on the socket; checked when a connection is taken over. */
const HANDLERS = {
  data: '_onSocketData',
  error: '_onSocketError',
  close: '_onSocketClose',
  end: '_onSocketEnd',
  timeout: '_onSocketTimeout',
} as const

type Internals = { [name in (typeof HANDLERS)[keyof typeof HANDLERS]]?: (...parts: unknown[]) => void } & {
  _ehloLines?: string[]
}

type Waiter = { wanted: number; replies: Reply[]; resolve: (replies: Reply[]) => void }

const CHECK_MS = 1_000

export class SmtpSocket {
  /** What the server offered after EHLO, in capitals: `PIPELINING`, `SIZE 1000000`. One that knows HELO only: nothing. */
  readonly extensions: readonly string[]
  /** Why the connection is over. */
  error: Error | undefined
  /** A reply to nothing that was asked: whatever follows cannot be trusted. */
  unasked: Reply | undefined
  readonly #socket: Socket
  readonly #replies = new Replies()
  readonly #waiters: Waiter[] = []
  readonly #listeners: (() => void)[] = []
  readonly #clock: NodeJS.Timeout
  #deadline = Number.POSITIVE_INFINITY

  /** Throws when nodemailer's connection is not what it was when this was written. */
  constructor(connection: SMTPConnection, checkMs = CHECK_MS) {
    const socket = connection._socket
    const internals = connection as unknown as Internals
    if (!socket) throw new Error('The connection has no socket to take over')
    for (const [event, name] of Object.entries(HANDLERS)) {
      const handler = internals[name]
      if (!handler) throw new Error(`nodemailer has changed: no ${name}`)
      socket.off(event, handler)
    }
    this.extensions = (internals._ehloLines ?? []).map(line => line.toUpperCase())
    this.#socket = socket
    socket.setTimeout(0)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', error => this.#over(error))
    socket.on('close', () => this.#over(new Error('The server closed the connection')))
    socket.on('end', () => this.destroy(new Error('The server closed the connection')))
    this.#clock = setInterval(() => this.#check(), checkMs).unref()
    if (socket.destroyed) this.#over(new Error('The connection was gone'))
  }

  get isOpen(): boolean {
    return this.error === undefined
  }

  onOver(listener: () => void): void {
    if (this.error) listener()
    else this.#listeners.push(listener)
  }

  /** All parts leave in one system call. */
  write(parts: readonly Part[], onTaken?: () => void): void {
    if (this.error || parts.length === 0) return onTaken?.()
    const last = parts.length - 1
    this.#socket.cork()
    for (let at = 0; at <= last; at++)
      this.#socket.write(parts[at] as Part, 'latin1', at === last ? onTaken : undefined)
    this.#socket.uncork()
  }

  /** Resolves when the operating system has taken it over, or the connection is over. */
  flush(parts: readonly Part[], withinMs: number): Promise<void> {
    this.within(withinMs)
    return new Promise(resolve => this.write(parts, resolve))
  }

  /** The next replies, in order; fewer when the connection ends, or the time runs out, before all are there. */
  expect(wanted: number): Promise<Reply[]> {
    return new Promise(resolve => {
      if (this.error) return resolve([])
      this.#waiters.push({ wanted, replies: [], resolve })
    })
  }

  /** From now the server has this long for its next word. */
  within(ms: number): void {
    this.#deadline = performance.now() + ms
  }

  /** Nothing is expected of the server. */
  rest(): void {
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** At once: nothing that is buffered leaves, and no polite end (DESIGN §5.5). */
  destroy(error: Error): void {
    this.#over(error)
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    if (this.error) return
    try {
      for (const reply of this.#replies.read(chunk)) this.#answer(reply)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #answer(reply: Reply): void {
    const waiter = this.#waiters[0]
    if (!waiter) {
      this.unasked ??= reply
      return
    }
    waiter.replies.push(reply)
    if (waiter.replies.length < waiter.wanted) return
    this.#waiters.shift()
    waiter.resolve(waiter.replies)
  }

  #check(): void {
    if (performance.now() > this.#deadline) this.destroy(new Error('The server was silent for too long'))
  }

  #over(error: Error): void {
    if (this.error) return
    this.error = error
    clearInterval(this.#clock)
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(waiter.replies)
    for (const listener of this.#listeners.splice(0)) listener()
  }
}
