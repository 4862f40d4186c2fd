// Open connections to one server, used again for the next message. Set-up, STARTTLS and log-in are nodemailer's.

import { parseConnectionUrl } from 'nodemailer/lib/shared'
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'
import SMTPConnection from 'nodemailer/lib/smtp-connection'

export interface ConnectionTimes {
  connectMs: number
  greetingMs: number
  /** Silence of the server, also after the dot: RFC 5321 §4.5.3.2.6 asks for at least 10 minutes there. */
  socketMs: number
  /** Closed by us when unused this long, before the server does it in the middle of a new message. */
  idleMs: number
}

export interface Lease {
  connection: SMTPConnection
  /** It has carried messages before, so the server may have closed it unseen. */
  isReused: boolean
  /** Ready for the next message. */
  release(): void
  /** Destroyed at once, without QUIT and without flushing what is buffered. */
  discard(): void
}

interface Open {
  connection: SMTPConnection
  messages: number
  idleTimer?: NodeJS.Timeout
}

type Waiter = { resolve: (lease: Lease) => void; reject: (error: Error) => void }

// Servers drop connections that carry too many (standards.md §N).
const MAX_MESSAGES = 100
const QUIT_MS = 1_000

/** At most `max` connections; who comes while all are busy waits in order. */
export class SmtpConnections {
  readonly #options: SMTPConnectionOptions
  readonly #auth: { user: string; pass: string } | undefined
  readonly #idle: Open[] = []
  readonly #waiting: Waiter[] = []
  #openCount = 0
  #isClosed = false
  #drained: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(
    url: string,
    private readonly max: number,
    private readonly times: ConnectionTimes,
  ) {
    const { auth, ...server } = parseConnectionUrl(url)
    this.#auth = auth?.user ? { user: auth.user, pass: auth.pass ?? '' } : undefined
    this.#options = {
      ...server,
      connectionTimeout: times.connectMs,
      greetingTimeout: times.greetingMs,
      socketTimeout: times.socketMs,
      // 0 destroys: a connection given up in DATA must not flush or end politely (DESIGN §5.5).
      socketCloseTimeout: 0,
      logger: false,
    }
  }

  /** A connected, logged-in connection of one's own. Rejects when none can be made, or after close(). */
  async acquire(): Promise<Lease> {
    if (this.#isClosed) throw new Error('Sending has been closed')
    const idle = this.#idle.pop()
    if (idle) {
      clearTimeout(idle.idleTimer)
      return this.#lease(idle)
    }
    if (this.#openCount >= this.max)
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
    return this.#open()
  }

  /** No new leases; those out are waited for, idle connections say QUIT. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('Sending has been closed'))
    for (const open of this.#idle.splice(0)) this.#quit(open)
    if (this.#openCount > 0) await new Promise<void>(resolve => (this.#drained = resolve))
  }

  async #open(): Promise<Lease> {
    this.#openCount++
    const connection = new SMTPConnection(this.#options)
    // Errors reach the message through its callback; an idle connection's are told by its end.
    connection.on('error', () => {})
    const open: Open = { connection, messages: 0 }
    connection.once('end', () => this.#ended(open))
    await this.#connect(connection)
    return this.#lease(open)
  }

  #connect(connection: SMTPConnection): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error | null) => {
        connection.off('error', done).off('end', onEnd)
        if (!error) return resolve()
        connection.close()
        reject(error)
      }
      const onEnd = () => done(new Error('The connection ended before the log-in'))
      connection.once('error', done).once('end', onEnd)
      connection.connect(error => {
        if (error || !this.#auth) done(error)
        else if (connection.allowsAuth) connection.login({ credentials: this.#auth }, done)
        else done(new Error('The server offers no log-in, but SMTP_URL has one'))
      })
    })
  }

  #lease(open: Open): Lease {
    const isReused = open.messages++ > 0
    return {
      connection: open.connection,
      isReused,
      release: () => this.#release(open),
      discard: () => open.connection.close(),
    }
  }

  #release(open: Open): void {
    if (open.connection.destroyed) return
    const waiter = this.#waiting.shift()
    if (this.#isClosed || open.messages >= MAX_MESSAGES) {
      if (waiter) this.#waiting.unshift(waiter)
      this.#quit(open)
    } else if (waiter) waiter.resolve(this.#lease(open))
    else {
      open.idleTimer = setTimeout(() => this.#expire(open), this.times.idleMs).unref()
      this.#idle.push(open)
    }
  }

  #expire(open: Open): void {
    const at = this.#idle.indexOf(open)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#quit(open)
  }

  #quit({ connection }: Open): void {
    connection.quit()
    setTimeout(() => connection.close(), QUIT_MS).unref()
  }

  #ended(open: Open): void {
    this.#openCount--
    clearTimeout(open.idleTimer)
    const at = this.#idle.indexOf(open)
    if (at >= 0) this.#idle.splice(at, 1)
    const waiter = this.#isClosed ? undefined : this.#waiting.shift()
    if (waiter) this.#open().then(waiter.resolve, waiter.reject)
    else if (this.#isClosed && this.#openCount === 0) this.#drained?.()
  }
}
