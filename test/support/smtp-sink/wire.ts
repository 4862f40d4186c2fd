// One connection's bytes: TLS or not, usual replies, and the replies that faults put in their place.
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { type FaultKind, type FaultPlace, refusal } from './faults'
import { Replies } from './replies'
import type { Certificate, Shared } from './settings'

const SLOW_MS = 300
const BYTE_MS = 2
const READ_MS = 10
const LONG = 65_536
const LINES: Partial<Record<FaultKind, string>> = {
  half: '451 4.3.0 interr',
  half250: '250 2.0.0 que',
  unfinished: '250 2.0.0 que',
  'multi-unfinished': '250-2.0.0 taken\r\n',
  garbage: '\u0000\u0007%$#@! \u00ff\u00fe nothing to read here\r\n',
  abc: 'abc what\r\n',
  '2nd': '2nd try needed\r\n',
}

const pems = new Map<Certificate, Buffer>()
function pem(name: Certificate): Buffer {
  const known = pems.get(name) ?? readFileSync(join(__dirname, '../tls', `${name}.pem`))
  pems.set(name, known)
  return known
}

export class Wire {
  /** Nothing that comes is looked at any more. */
  isDeaf = false
  isSecure = false
  readonly #replies: Replies
  #socket: Socket
  #wroteAt = 0

  constructor(
    private readonly raw: Socket,
    private readonly shared: Shared,
    private readonly onData: (chunk: Buffer) => void,
  ) {
    this.#socket = raw
    this.#replies = new Replies(raw)
    raw.setNoDelay(true)
    raw.on('error', () => {})
  }

  listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      if (this.isDeaf) return
      // The replies to what came in one packet leave in one packet.
      this.#socket.cork()
      this.onData(chunk)
      this.#socket.uncork()
    })
  }

  /** TLS from here on. */
  secure(onSecure: () => void): void {
    this.raw.removeAllListeners('data')
    const certificate = pem(this.shared.certificate)
    const socket = new TLSSocket(this.raw, { isServer: true, cert: certificate, key: certificate })
    socket.on('error', () => this.raw.destroy())
    socket.on('secure', onSecure)
    this.#socket = socket
    this.#replies.socket = socket
    this.isSecure = true
    this.listen()
  }

  /** A usual reply; lines are separated by CRLF. */
  say(text: string): void {
    this.#write(`${text}\r\n`)
  }

  afterReplies(action: () => void): void {
    this.#replies.afterwards(action)
  }

  /** Replies as usual, or as the fault has it. Answers the first digit of a reply that can be understood. */
  answer(kind: FaultKind | undefined, place: FaultPlace, usual: string, to = ''): number | undefined {
    if (kind === undefined) this.say(usual)
    else if (/^\d{3}$/.test(kind)) return this.#refuse(kind, place, to)
    else if (LINES[kind] !== undefined || kind === 'reset' || kind === 'close' || kind === 'silent') {
      this.#break(kind)
      return undefined
    } else this.#tell(kind, usual)
    return Number(usual[0])
  }

  #refuse(code: string, place: FaultPlace, to: string): number | undefined {
    this.say(refusal(code, place, to))
    if (code === '421' || place === 'banner') this.end()
    return code === '999' ? undefined : Number(code[0])
  }

  #break(kind: FaultKind): void {
    this.#write(LINES[kind] ?? '')
    if (kind === 'garbage' || kind === 'abc' || kind === '2nd') return
    this.isDeaf = true
    if (kind === 'reset') this.afterReplies(() => this.#reset())
    else if (kind === 'close' || kind === 'half' || kind === 'half250') this.end()
  }

  #tell(kind: FaultKind, usual: string): void {
    const code = usual.slice(0, 3)
    const { slowMs = SLOW_MS, byteMs = BYTE_MS } = this.shared.options
    if (kind === 'slow') this.#write(`${usual}\r\n`, slowMs)
    else if (kind === 'bytes') this.#write(`${usual}\r\n`, 0, byteMs)
    else if (kind === 'multi') this.say(`${code}-first line\r\n${code}-and a second\r\n${usual}`)
    else if (kind === 'twice') this.say(`${usual}\r\n250 2.0.0 and once more`)
    else if (kind === 'contradicted') this.say(`${usual}\r\n554 5.7.1 on second thoughts, no`)
    else if (kind === 'long') this.say(`${usual} ${'x'.repeat(LONG)}`)
    else if (kind === 'barelf') this.#write(`${usual.replaceAll('\r\n', '\n')}\n`)
    else if (kind === 'bare') this.say(code)
    else this.say(usual)
  }

  #write(text: string, delayMs = 0, byteMs = 0): void {
    if (text === '') return
    this.#wroteAt = Date.now()
    const { options, offered } = this.shared
    const isPlain = options.extensions !== undefined && !offered.has('ENHANCEDSTATUSCODES')
    const shown = isPlain ? text.replace(/^(\d{3}[ -])[245]\.\d+\.\d+ /gm, '$1') : text
    this.#replies.write(shown, delayMs + (options.delayMs ?? 0), byteMs)
  }

  /** A reset right behind a reply reads like a FIN: the reply gets the time to be read first. */
  #reset(): void {
    if (Date.now() - this.#wroteAt > READ_MS) this.raw.resetAndDestroy()
    else setTimeout(() => setImmediate(() => this.raw.resetAndDestroy()), READ_MS)
  }

  /** FIN after what is still to be said. */
  end(): void {
    this.isDeaf = true
    this.afterReplies(() => this.#socket.end())
  }

  hangUp(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.raw.destroy()
  }
}
