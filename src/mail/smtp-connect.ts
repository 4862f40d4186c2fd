// Connection set-up, STARTTLS and log-in: nodemailer's work, for both transports.
import { parseConnectionUrl } from 'nodemailer/lib/shared'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SmtpTimes } from './smtp-work'

/** A connected, logged-in connection. Rejects with the server's or the network's error; nothing is left open then. */
export function connectSmtp(url: string, times: SmtpTimes): Promise<SMTPConnection> {
  const { auth, ...server } = parseConnectionUrl(url)
  const connection = new SMTPConnection({
    ...server,
    connectionTimeout: times.connectMs,
    greetingTimeout: times.greetingMs,
    // Nodemailer knows one time for everything; cutting short the wait after the dot would make an `unknown`.
    socketTimeout: times.dotMs,
    // 0 destroys: a connection given up in DATA must not flush or end politely (DESIGN §5.5).
    socketCloseTimeout: 0,
    logger: false,
  })
  // Errors reach the message through its callback; an idle connection's are told by its end.
  connection.on('error', () => {})
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      connection.off('error', done).off('end', onEnd)
      if (!error) return resolve(connection)
      connection.close()
      reject(error)
    }
    const onEnd = () => done(new Error('The connection ended before the log-in'))
    connection.once('error', done).once('end', onEnd)
    connection.connect(error => {
      if (error || !auth?.user) done(error)
      else if (!connection.allowsAuth) done(new Error('The server offers no log-in, but SMTP_URL has one'))
      else connection.login({ credentials: { user: auth.user, pass: auth.pass ?? '' } }, done)
    })
  })
}
