// The local mailbox: catches every mail by SMTP and shows it in the browser and as JSON. Loopback only.
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type KeptMail, MailboxStore } from './mailbox-store'
import { createMailboxWeb } from './mailbox-web'
import { choosePort } from './ports'
import { LocalProblem } from './problem'

export interface Mailbox {
  smtpUrl: string
  url: string
  /** Newest first; with an address only what was delivered to it. */
  list(to?: string): KeptMail[]
  /** The mail as it came over the wire. */
  source(mail: KeptMail): Promise<Buffer>
  stop(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const MOST_BYTES = 50 * 1024 * 1024
const PORT_ATTEMPTS = 5

/** Starts the mailbox with its mails under `dir`/mail, keeping the newest `limit`. */
export async function startMailbox(options: { dir: string; limit?: number }): Promise<Mailbox> {
  const store = await MailboxStore.open(join(options.dir, 'mail'), options.limit ?? 50_000)
  const smtp = createSmtp(store)
  const smtpPort = await listen(smtp, () => choosePort(options.dir, 'smtp'))
  const web = createServer(createMailboxWeb(store))
  const webPort = await listen(web, () => choosePort(options.dir, 'mailbox', 4080))
  return {
    smtpUrl: `smtp://${LOOPBACK}:${smtpPort}`,
    url: `http://${LOOPBACK}:${webPort}`,
    list: to => store.list({ to }),
    source: mail => store.source(mail),
    async stop() {
      web.closeAllConnections()
      await Promise.all([close(web), close(smtp)])
    },
  }
}

function createSmtp(store: MailboxStore): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MOST_BYTES,
    closeTimeout: 500,
    banner: 'We Interrupt local mailbox',
    onData: (stream, session, done) => {
      receive(store, stream, session).then(
        mail => done(null, `kept as ${mail.id}`),
        (error: Error) => done(error),
      )
    },
  })
  server.on('error', () => {}) // a client that hangs up is no news
  return server
}

async function receive(
  store: MailboxStore,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<KeptMail> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  if (stream.sizeExceeded)
    throw Object.assign(new Error('the mail is larger than 50 MB'), { responseCode: 552 })
  const { mailFrom, rcptTo } = session.envelope
  const envelope = {
    from: mailFrom ? mailFrom.address : '',
    to: rcptTo.map(recipient => recipient.address),
  }
  return store.add(envelope, Buffer.concat(chunks))
}

// Another start may take the port between choosing and listening: then choose again.
async function listen(server: Server | SMTPServer, choose: () => Promise<number>): Promise<number> {
  for (let left = PORT_ATTEMPTS; left > 0; left -= 1) {
    const port = await choose()
    const failed = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
      server.once('error', resolve)
      server.listen(port, LOOPBACK, () => resolve(undefined))
    })
    if (!failed) return port
    if (failed.code !== 'EADDRINUSE') throw failed
  }
  throw new LocalProblem('The local mailbox found no free port.')
}

const close = (server: Server | SMTPServer) => new Promise<void>(resolve => server.close(() => resolve()))
