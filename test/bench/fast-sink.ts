// What fast-sink.c does, for machines without a C compiler: the same protocol, arguments and log, at more CPU a message.
// Run as a process of its own: fast-sink PORT DELAY_MS LOGFILE; prints "ready"; SIGTERM, or its parent's end, ends it.
import { closeSync, openSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'

const MARK = Buffer.from('\r\n.\r\n')
const LOG_BYTES = 1 << 16
const EHLO = '250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n'

const [port = '0', delayMs = '0', logFile = '/dev/null'] = process.argv.slice(2)
const delay = Number(delayMs)
const log = openSync(logFile, 'w', 0o600)
let lines = ''

function note(recipient: string): void {
  lines += `${recipient} ${Date.now()}\n`
  if (lines.length > LOG_BYTES) writeLog()
}

function writeLog(): void {
  if (lines) writeSync(log, lines)
  lines = ''
}

class Client {
  private mode: 'command' | 'text' | 'chunk' = 'command'
  private line = ''
  private recipient = ''
  private chunkLeft = 0
  private isLastChunk = false
  /** How many bytes of MARK the text ends with so far. */
  private matched = 0
  private replies = ''

  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.on('data', bytes => this.take(bytes))
    socket.on('error', () => socket.destroy())
    this.reply('220 sink ESMTP\r\n')
    this.send()
  }

  private take(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length || (this.mode === 'chunk' && this.chunkLeft === 0)) {
      if (this.mode === 'command') at = this.takeLine(bytes, at)
      else if (this.mode === 'chunk') at = this.takeChunk(bytes, at)
      else at = this.takeText(bytes, at)
    }
    this.send()
  }

  private takeLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(10, at)
    this.line += bytes.toString('latin1', at, end < 0 ? bytes.length : end + 1)
    if (end < 0) return bytes.length
    const line = this.line
    this.line = ''
    this.obey(line)
    return end + 1
  }

  private takeChunk(bytes: Buffer, at: number): number {
    const taken = Math.min(this.chunkLeft, bytes.length - at)
    this.chunkLeft -= taken
    if (this.chunkLeft > 0) return at + taken
    this.mode = 'command'
    if (this.isLastChunk) this.complete()
    else this.reply('250 2.0.0 Ok\r\n')
    return at + taken
  }

  private takeText(bytes: Buffer, start: number): number {
    let at = start
    while (this.matched > 0 && at < bytes.length && bytes[at] === MARK[this.matched]) {
      at++
      if (++this.matched === MARK.length) return this.complete(at)
    }
    if (at === bytes.length) return at
    this.matched = 0
    const found = bytes.indexOf(MARK, start)
    if (found >= 0) return this.complete(found + MARK.length)
    for (let kept = Math.min(4, bytes.length - start); kept > 0 && this.matched === 0; kept--)
      if (bytes.compare(MARK, 0, kept, bytes.length - kept) === 0) this.matched = kept
    return bytes.length
  }

  private complete(at = 0): number {
    this.mode = 'command'
    note(this.recipient)
    this.recipient = ''
    this.reply('250 2.0.0 Ok\r\n')
    return at
  }

  private obey(line: string): void {
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
      case 'HELO':
        return this.reply(EHLO)
      case 'RCPT':
        this.recipient = line.slice(line.indexOf('<') + 1, line.indexOf('>'))
        return this.reply('250 2.1.5 Ok\r\n')
      case 'DATA':
        this.mode = 'text'
        this.matched = 2
        return this.reply('354 Go on\r\n')
      case 'BDAT':
        this.mode = 'chunk'
        this.chunkLeft = Math.max(0, Number.parseInt(line.slice(5), 10) || 0)
        this.isLastChunk = /last/i.test(line)
        return
      case 'QUIT':
        return this.reply('221 2.0.0 Bye\r\n')
      default:
        return this.reply(/^(MAIL|RSET|NOOP)/i.test(line) ? '250 2.0.0 Ok\r\n' : '500 5.5.1 What?\r\n')
    }
  }

  private reply(text: string): void {
    if (delay > 0) setTimeout(() => this.socket.write(text), delay)
    else this.replies += text
  }

  private send(): void {
    if (this.replies) this.socket.write(this.replies, 'latin1')
    this.replies = ''
  }
}

function end(): void {
  writeLog()
  closeSync(log)
  process.exit(0)
}

process.on('SIGTERM', end)
process.on('SIGINT', () => {})
process.on('disconnect', end)
createServer({ highWaterMark: 1 << 18 }, socket => new Client(socket)).listen(
  Number(port),
  '127.0.0.1',
  1024,
  () => process.stdout.write('ready\n'),
)
