// Hand-off: one message, one recipient, one SMTP transaction, and the gate inside it. The only door out of the product.
import type { Message } from './message'
import { connectSmtp } from './smtp-connect'
import { NOTICE_LANE } from './smtp-lanes'
import { PipelinedSession } from './smtp-pipelined'
import { PlainSession } from './smtp-plain'
import { type HandOffResult, notConnected, type SmtpError } from './smtp-result'
import { SmtpServer } from './smtp-server'
import type { Gate, SmtpTimes, Work } from './smtp-work'

/** `pipelined` is our own transaction loop; `plain` leaves the transaction to nodemailer, one message at a time. */
export type TransportName = 'pipelined' | 'plain'

export interface HandOffOptions {
  /** Shares of the messages follow the weights; what one server cannot take goes to the others. */
  servers: readonly { url: string; weight: number }[]
  /** Over all servers; each has at least one. */
  connections: number
  messagesPerConnection?: number
  transport?: TransportName
  times?: Partial<SmtpTimes>
}

export interface HandOff {
  /** How many connections there may be at once. */
  readonly connections: number
  /**
   * Offers the message once and never again by itself. The gate is asked when the server has everything but the last
   * bytes; only a permit lets these and the dot follow. Never rejects: every ending is a result. Messages of one `lane`
   * (a newsletter) take turns with other lanes; notices, the lane by default, go first.
   */
  handOff(message: Message, gate: Gate, lane?: string): Promise<HandOffResult>
  /** Takes nothing new; resolves when every message under way has ended and every connection is closed. */
  close(): Promise<void>
}

const TIMES: SmtpTimes = {
  connectMs: 30_000,
  greetingMs: 30_000,
  stepMs: 300_000,
  dotMs: 600_000,
  idleMs: 60_000,
}
/** Messages for each connection of a server: one under way and one behind it. */
const ENOUGH = 2
/** What Exim takes from one connection unless told otherwise. */
const MESSAGES_PER_CONNECTION = 1000

export function createHandOff(options: HandOffOptions): HandOff {
  const times = { ...TIMES, ...options.times }
  const total = options.servers.reduce((sum, { weight }) => sum + weight, 0)
  const servers = options.servers.map(({ url, weight }) => {
    const connections = Math.max(1, Math.round((options.connections * weight) / total))
    const open = async () => {
      const connection = await connectSmtp(url, times)
      return options.transport === 'plain'
        ? new PlainSession(connection)
        : new PipelinedSession(connection, times)
    }
    const messagesPerConnection = options.messagesPerConnection ?? MESSAGES_PER_CONNECTION
    const onDown = (waiting: Work[], error: SmtpError) => elsewhere(waiting, error)
    const { idleMs } = times
    return {
      weight,
      credit: 0,
      server: new SmtpServer({ connections, messagesPerConnection, idleMs, open, onDown }),
    }
  })
  /**
   * Smooth weighted round robin over those that are not down: no server gets its share in one burst. One that has stopped
   * answering, and still holds what it was given, gets no more than the others hold.
   */
  const pick = (): SmtpServer | undefined => {
    const up = servers.filter(({ server }) => !server.isDown)
    const least = Math.min(...up.map(({ server }) => server.load))
    const there = up.filter(({ server }) => server.load < ENOUGH || server.load === least)
    for (const one of there) one.credit += one.weight
    const best = there.reduce((a, b) => (b.credit > a.credit ? b : a), there[0] as (typeof there)[0])
    if (best) best.credit -= there.reduce((sum, { weight }) => sum + weight, 0)
    return best?.server
  }
  const elsewhere = (waiting: Work[], error: SmtpError) => {
    for (const work of waiting) {
      const server = pick()
      if (server) server.offer(work)
      else work.end(notConnected(error))
    }
  }
  let isClosed = false
  return {
    connections: options.connections,
    handOff: (message, gate, lane = NOTICE_LANE) =>
      new Promise(end => {
        const work = { message, gate, lane, lost: 0, end }
        if (isClosed) return end(notConnected(new Error('Sending has been closed')))
        // With all of them down one is asked all the same: the caller decides how often to come.
        const server = pick() ?? servers[0]?.server
        if (server) server.offer(work)
        else end(notConnected(new Error('There is no SMTP server')))
      }),
    close: async () => {
      isClosed = true
      await Promise.all(servers.map(({ server }) => server.close()))
    },
  }
}
