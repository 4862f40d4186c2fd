// An SMTP server on a raw socket that keeps what it gets and fails on request: a recipient's local part or the test asks for it.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Fault } from './smtp-sink/faults'
import { Session } from './smtp-sink/session'
import { type Certificate, Faults, type Received, type Shared, type SinkOptions } from './smtp-sink/settings'

export { FAULTS, type Fault } from './smtp-sink/faults'
export type { Received, SinkOptions } from './smtp-sink/settings'

export interface SmtpSink {
  /** As for SMTP_URL: with the credentials, and with the authority to trust where there is TLS. */
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** Completed and not refused: what a reader would have in the mailbox. */
  accepted(): Received[]
  readonly commands: string[]
  connectionCount(): number
  /** Messages that have begun on an open connection and lack their end. */
  unfinishedCount(): number
  /** The whole server fails like this from now on, on connections that have taken `after` messages; without a fault: no more. */
  fail(what?: Fault, options?: { after?: number }): void
  /** From now on no fault is played, whoever asks for it; `heal(false)` ends that. */
  heal(isHealed?: boolean): void
  /** For log-ins from now on. */
  setPassword(password: string): void
  /** For connections from now on. */
  setCertificate(certificate: Certificate): void
  /** Ends every open connection, as servers do with idle ones. */
  hangUp(): void
  close(): Promise<void>
}

export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const shared = sharedOf(options)
  const { received, commands, faults } = shared
  const sessions = new Set<Session>()
  let connectionCount = 0
  const server = createServer(socket => {
    const session = new Session(socket, shared, ++connectionCount)
    sessions.add(session)
    socket.on('close', () => sessions.delete(session))
  })
  const port = await listen(server, options.port)
  return {
    url: urlOf(port, options),
    port,
    received,
    accepted: () => received.filter(({ answer }) => answer === undefined || answer === 2),
    commands,
    connectionCount: () => connectionCount,
    unfinishedCount: () => [...sessions].filter(({ isInBody }) => isInBody).length,
    fail: (what, { after } = {}) => faults.fail(what, after),
    heal: (isHealed = true) => {
      faults.isHealed = isHealed
    },
    setPassword: password => {
      shared.password = password
    },
    setCertificate: certificate => {
      shared.certificate = certificate
    },
    hangUp: () => {
      for (const { wire } of sessions) wire.hangUp()
    },
    close: () =>
      new Promise(resolve => {
        for (const { wire } of sessions) wire.destroy()
        server.close(() => resolve())
      }),
  }
}

function sharedOf(options: SinkOptions): Shared {
  const faults = new Faults(options.isAlternating)
  faults.fail(options.fault)
  const { extensions = ['SIZE'], isPipelining = false } = options
  return {
    options,
    offered: new Set([...(isPipelining ? ['PIPELINING' as const] : []), ...extensions]),
    received: [],
    commands: [],
    faults,
    password: options.credentials?.password ?? '',
    certificate: options.certificate ?? 'good',
  }
}

/** The certificate of the authority that signed all certificates but the self-signed one. */
export const testAuthority = (): string => readFileSync(join(__dirname, 'tls', 'ca.pem'), 'utf8')

function urlOf(port: number, { tls, credentials }: SinkOptions): string {
  const user =
    credentials && `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
  const scheme = tls === 'implicit' ? 'smtps' : 'smtp'
  const trust = new URLSearchParams({ 'tls.ca': testAuthority() })
  if (tls === 'starttls') trust.set('requireTLS', 'true')
  return `${scheme}://${user ?? ''}127.0.0.1:${port}?${tls ? trust : 'ignoreTLS=true'}`
}

const listen = (server: Server, wanted = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
