// An SMTP server on a raw socket that keeps what it gets and fails on request: the recipient's local part asks for it.
import { createServer, type Server, type Socket } from 'node:net'

/** Asked for as `FAULT.anything@…`. */
export const FAULTS = [
  '450-rcpt',
  '550-rcpt',
  '421-rcpt',
  '451-data',
  '554-dot',
  '450-dot',
  '421-dot',
  'reset-before-dot',
  'reset-after-dot',
  'close-after-dot',
  'half-after-dot',
  'silent-after-dot',
  '554-in-body',
  '250-in-body',
] as const
export type Fault = (typeof FAULTS)[number]

/** A DATA that was completed with its dot, whatever was answered to it. */
export interface Received {
  at: number
  from: string
  to: string[]
  /** After dot-unstuffing. */
  data: Buffer
  /** First digit of the answer; undefined when none was given. */
  answer: number | undefined
}

export interface SmtpSink {
  readonly url: string
  readonly received: Received[]
  /** Completed and not refused: what a reader would have in the mailbox. */
  accepted(): Received[]
  readonly commands: string[]
  connectionCount(): number
  /** From now on no fault is played, whoever asks for it; `heal(false)` ends that. */
  heal(isHealed?: boolean): void
  /** Ends every open connection, as servers do with idle ones. */
  hangUp(): void
  close(): Promise<void>
}

export interface SinkOptions {
  /** Before each reply. */
  delayMs?: number
  isPipelining?: boolean
  /** Takes each message instead of `received`: for runs too long to keep them all. */
  onMessage?: (message: Received) => void
  /** Whoever asks for a fault gets it the first time, the third, … */
  isAlternating?: boolean
  /** Of a server that was there before; otherwise any free one. */
  port?: number
}

const DOT = Buffer.from('\r\n.\r\n')

interface Session {
  socket: Socket
  buffer: Buffer
  from: string
  to: string[]
  fault: Fault | undefined
  isData: boolean
}

export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const received: Received[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const state = { isHealed: false, asked: new Map<string, number>() }
  let connectionCount = 0
  const server = createServer(socket => {
    connectionCount++
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    const session: Session = {
      socket,
      buffer: Buffer.alloc(0),
      from: '',
      to: [],
      fault: undefined,
      isData: false,
    }
    reply(session, '220 sink ESMTP', options)
    socket.on('data', chunk => {
      session.buffer = Buffer.concat([session.buffer, chunk])
      take(session, { received, commands, options, state })
    })
  })
  const port = await listen(server, options.port)
  return {
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    received,
    accepted: () => received.filter(({ answer }) => answer === undefined || answer === 2),
    commands,
    connectionCount: () => connectionCount,
    heal: (isHealed = true) => {
      state.isHealed = isHealed
    },
    hangUp: () => {
      for (const socket of sockets) socket.end()
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

const listen = (server: Server, wanted = 0): Promise<number> =>
  new Promise(resolve => {
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })

interface Context {
  received: Received[]
  commands: string[]
  options: SinkOptions
  state: { isHealed: boolean; asked: Map<string, number> }
}

function take(session: Session, context: Context): void {
  for (;;) {
    if (session.isData) {
      if (!takeBody(session, context)) return
      continue
    }
    const end = session.buffer.indexOf('\r\n')
    if (end < 0) return
    const line = session.buffer.toString('utf8', 0, end)
    session.buffer = session.buffer.subarray(end + 2)
    if (!context.options.onMessage) context.commands.push(line)
    answerCommand(session, line, context)
  }
}

function answerCommand(session: Session, line: string, { options, state }: Context): void {
  const say = (text: string) => reply(session, text, options)
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      say(`250-sink\r\n${options.isPipelining ? '250-PIPELINING\r\n' : ''}250 SIZE 1000000`)
      break
    case 'MAIL':
      startMessage(session, line, say)
      break
    case 'RCPT':
      addRecipient(session, line, say, options, mayFail(line, options, state))
      break
    case 'DATA':
      startData(session, say)
      break
    case 'QUIT':
      say('221 bye')
      session.socket.end()
      break
    default:
      say('250 ok')
  }
}

function startMessage(session: Session, line: string, say: (text: string) => void): void {
  session.from = between(line)
  session.to = []
  say('250 2.1.0 sender ok')
}

function mayFail(
  line: string,
  { isAlternating }: SinkOptions,
  { isHealed, asked }: Context['state'],
): boolean {
  if (isHealed || !isAlternating) return !isHealed
  const times = asked.get(line) ?? 0
  asked.set(line, times + 1)
  return times % 2 === 0
}

function addRecipient(
  session: Session,
  line: string,
  say: (text: string) => void,
  options: SinkOptions,
  mayFail: boolean,
): void {
  const to = between(line)
  session.fault = !mayFail ? undefined : FAULTS.find(fault => to.startsWith(`${fault}.`))
  if (session.fault === '450-rcpt') say(`450 4.2.1 <${to}> try later`)
  else if (session.fault === '550-rcpt') say(`550 5.1.1 <${to}> no such mailbox`)
  else if (session.fault === '421-rcpt') {
    say('421 4.3.2 closing')
    afterReply(session, options)
  } else {
    session.to.push(to)
    say('250 2.1.5 recipient ok')
  }
}

function startData(session: Session, say: (text: string) => void): void {
  if (session.to.length === 0) say('503 5.5.1 no recipient')
  else if (session.fault === '451-data') say('451 4.3.0 not now')
  else {
    session.isData = true
    say('354 go on')
  }
}

/** True when the dot was found and the commands go on. */
function takeBody(session: Session, context: Context): boolean {
  const { fault, buffer } = session
  const end = buffer.subarray(0, 3).equals(DOT.subarray(2)) ? -2 : buffer.indexOf(DOT)
  if (end === -1) {
    if (buffer.length > 0) interruptBody(session, context)
    return false
  }
  const data = Buffer.from(buffer.toString('latin1', 0, Math.max(end + 2, 0)).replace(/^\./gm, ''), 'latin1')
  session.buffer = buffer.subarray(end + DOT.length)
  session.isData = false
  const text = answerOf(fault)
  const answer = text ? Number(text[0]) : undefined
  const message = { at: Date.now(), from: session.from, to: session.to, data, answer }
  if (context.options.onMessage) context.options.onMessage(message)
  else context.received.push(message)
  if (text) reply(session, text, context.options)
  endAfterDot(session, context.options)
  return true
}

function interruptBody(session: Session, context: Context): void {
  if (session.fault === 'reset-before-dot') session.socket.resetAndDestroy()
  if (session.fault === '554-in-body') sayOnce(session, '554 5.7.1 content refused', context)
  if (session.fault === '250-in-body') sayOnce(session, '250 2.0.0 accepted already', context)
}

function endAfterDot(session: Session, options: SinkOptions): void {
  const { socket, fault } = session
  if (fault === 'reset-after-dot') socket.resetAndDestroy()
  if (fault === 'close-after-dot') socket.end()
  if (fault === '421-dot') afterReply(session, options)
  if (fault === 'half-after-dot') socket.end('451 4.3.0 interr')
}

function sayOnce(session: Session, text: string, { options }: Context): void {
  session.fault = undefined
  reply(session, text, options)
}

function answerOf(fault: Fault | undefined): string | undefined {
  switch (fault) {
    case '554-dot':
      return '554 5.7.1 refused'
    case '450-dot':
      return '450 4.7.1 greylisted'
    case '421-dot':
      return '421 4.3.2 closing'
    case 'reset-after-dot':
    case 'close-after-dot':
    case 'half-after-dot':
    case 'silent-after-dot':
      return undefined
    default:
      return '250 2.0.0 queued as 4711'
  }
}

const between = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? ''

/** Closes behind a reply that may still be on its way. */
function afterReply({ socket }: Session, { delayMs = 0 }: SinkOptions): void {
  if (delayMs === 0) socket.end()
  else setTimeout(() => socket.end(), delayMs + 1)
}

function reply({ socket }: Session, text: string, { delayMs = 0 }: SinkOptions): void {
  if (delayMs === 0) socket.write(`${text}\r\n`)
  else setTimeout(() => socket.writable && socket.write(`${text}\r\n`), delayMs)
}
