// Hand-off: one message, one recipient, one SMTP transaction, and the gate inside it. The only door out of the product.
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Message } from './message'
import { type Gate, GatedBody } from './smtp-body'
import { type ConnectionTimes, type Lease, SmtpConnections } from './smtp-connections'
import { type HandOffResult, notConnected, resultOf, type SmtpError, type Transmission } from './smtp-result'

export interface HandOffOptions {
  /** Shares of the messages follow the weights. */
  servers: readonly { url: string; weight: number }[]
  /** Over all servers; each has at least one. */
  connections: number
  times?: Partial<ConnectionTimes>
}

export interface HandOff {
  /**
   * Offers the message once and never again by itself. The gate is asked when the server has everything but
   * the last bytes; only a permit lets these and the dot follow. Never rejects: every ending is a result.
   */
  handOff(message: Message, gate: Gate): Promise<HandOffResult>
  /** Takes nothing new; resolves when every message under way has ended and every connection is closed. */
  close(): Promise<void>
}

const TIMES: ConnectionTimes = { connectMs: 30_000, greetingMs: 30_000, socketMs: 600_000, idleMs: 60_000 }

export function createHandOff(options: HandOffOptions): HandOff {
  const times = { ...TIMES, ...options.times }
  const total = options.servers.reduce((sum, { weight }) => sum + weight, 0)
  const servers = options.servers.map(({ url, weight }) => {
    const share = Math.max(1, Math.round((options.connections * weight) / total))
    return { weight, credit: 0, connections: new SmtpConnections(url, share, times) }
  })
  // Smooth weighted round robin: no server gets its share in one burst.
  const pick = () => {
    for (const server of servers) server.credit += server.weight
    const chosen = servers.reduce((best, server) => (server.credit > best.credit ? server : best))
    chosen.credit -= total
    return chosen.connections
  }
  return {
    handOff: (message, gate) => offer(pick(), message, gate),
    close: async () => {
      await Promise.all(servers.map(({ connections }) => connections.close()))
    },
  }
}

/** A connection the server had closed while it was idle is replaced: not a byte of the message was asked for yet. */
async function offer(connections: SmtpConnections, message: Message, gate: Gate): Promise<HandOffResult> {
  for (;;) {
    let lease: Lease
    try {
      lease = await connections.acquire()
    } catch (error) {
      return notConnected(error instanceof Error ? error : new Error(String(error)))
    }
    const body = new GatedBody(message.raw, gate)
    const transmission = await transmit(lease.connection, message, body)
    await body.stop()
    if (lease.isReused && isStale(transmission.error, body)) {
      lease.discard()
      continue
    }
    finish(lease, transmission, body)
    return resultOf(transmission, body)
  }
}

function transmit(connection: SMTPConnection, message: Message, body: GatedBody): Promise<Transmission> {
  return new Promise(resolve => {
    const { from, to } = message.envelope
    // One recipient, the stored address as it is (I13); nothing here parses it again (M10).
    const envelope = { from, to: [to], size: message.raw.length }
    const onEnd = () => setImmediate(() => resolve({ error: new Error('The connection was closed') }))
    connection.once('end', onEnd)
    connection.send(envelope, body.stream, (error, info) => {
      connection.off('end', onEnd)
      resolve(error ? { error } : { response: info.response ?? '' })
    })
  })
}

const isStale = (error: SmtpError | undefined, body: GatedBody): boolean =>
  error !== undefined &&
  !body.stream.readableDidRead &&
  (error.responseCode === 421 || ['ECONNECTION', 'ESOCKET', 'ETIMEDOUT'].includes(error.code ?? ''))

/**
 * Used again only when both sides agree that no message is open: it was finished and answered, or it was
 * refused before its first byte. A reply in the middle of the body leaves the server inside DATA, where the
 * next message would be appended to this one.
 */
function finish(lease: Lease, { error }: Transmission, body: GatedBody): void {
  const isAnswered = error?.responseCode !== undefined && error.responseCode !== 421
  const isRefusedBefore = error?.code === 'EENVELOPE' && isAnswered && !body.stream.readableDidRead
  const isRefusedAfter = error?.code === 'EMESSAGE' && isAnswered && body.isHandedOver
  if (!error && body.isHandedOver) lease.release()
  else if (!isRefusedBefore && !isRefusedAfter) lease.discard()
  else lease.connection.reset(failure => (failure ? lease.discard() : lease.release()))
}
