// One SMTP session: commands in their order (RFC 5321, 2920, 3030, 4954, 3207), each with the fault asked for at its step.
import type { Socket } from 'node:net'
import { CountedBody, DotBody } from './body'
import { type FaultKind, type FaultPlace, type ParsedFault } from './faults'
import { startLogin } from './login'
import type { Shared } from './settings'
import { Wire } from './wire'

const EMPTY = Buffer.alloc(0)
const MAX_LINE = 65_536
const ANNOUNCED_BYTES = 1_000_000

interface Mail {
  from: string
  to: string[]
  isUtf8: boolean
  /** Of the BDAT commands so far; undefined while there was none. */
  chunks?: Buffer[]
}

export class Session {
  readonly wire: Wire
  #pending: Buffer = EMPTY
  #mail: Mail | undefined
  #asked: ParsedFault | undefined
  #body: { parts: DotBody | CountedBody; isLast: boolean; isBegun: boolean } | undefined
  /** A line that is no command but the next step of a log-in. */
  #onLine: ((line: string) => void) | undefined
  #mayTls = false
  #isLoggedIn = false
  #messages = 0

  constructor(
    socket: Socket,
    private readonly shared: Shared,
    private readonly connection: number,
  ) {
    this.wire = new Wire(socket, shared, chunk => this.#take(chunk))
    if (shared.options.tls === 'implicit') this.wire.secure(() => this.#greet())
    else {
      this.wire.listen()
      this.#greet()
    }
  }

  #greet(): void {
    this.#answer('banner', '220 sink ESMTP')
  }

  #kindAt(place: FaultPlace): FaultKind | undefined {
    if (this.#asked?.place === place) return this.#asked.kind
    return this.shared.faults.ofServer(place, this.#messages)
  }

  #answer(place: FaultPlace, usual: string, to?: string): number | undefined {
    return this.wire.answer(this.#kindAt(place), place, usual, to)
  }

  #take(chunk: Buffer): void {
    let rest: Buffer | undefined = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    this.#pending = EMPTY
    while (rest && !this.wire.isDeaf) rest = this.#body ? this.#takeBody(rest) : this.#takeLine(rest)
  }

  #takeLine(rest: Buffer): Buffer | undefined {
    const end = rest.indexOf('\r\n')
    if (end < 0 && rest.length > MAX_LINE) {
      this.wire.say('500 5.5.2 line too long')
      this.wire.end()
    }
    if (end < 0) {
      this.#pending = rest
      return undefined
    }
    const line = rest.toString('utf8', 0, end)
    const onLine = this.#onLine
    this.#onLine = undefined
    if (onLine) onLine(line)
    else this.#command(line)
    const after = rest.subarray(end + 2)
    return after.length > 0 || this.#body ? after : undefined
  }

  #command(line: string): void {
    this.shared.commands.push(line)
    const verb = /^[A-Za-z]*/.exec(line)?.[0].toUpperCase() ?? ''
    const run = this.#verbs[verb]
    if (run) run(line)
    else this.wire.say('500 5.5.2 no such command')
  }

  readonly #verbs: Readonly<Record<string, (line: string) => void>> = {
    EHLO: () => this.#hello(),
    HELO: () => this.#answer('any', '250 sink'),
    STARTTLS: () => this.#startTls(),
    AUTH: line => this.#logIn(line),
    MAIL: line => this.#startMail(line),
    RCPT: line => this.#addRecipient(line),
    DATA: () => this.#startData(),
    BDAT: line => this.#startChunk(line),
    RSET: () => {
      this.#forget()
      this.wire.say('250 2.0.0 ok')
    },
    NOOP: () => this.wire.say('250 2.0.0 ok'),
    QUIT: () => {
      this.wire.say('221 2.0.0 bye')
      this.wire.end()
    },
  }

  #forget(): void {
    this.#mail = undefined
    this.#asked = undefined
  }

  #hello(): void {
    this.#forget()
    const { options, offered } = this.shared
    const kind = this.#kindAt('ehlo')
    this.#mayTls = options.tls === 'starttls' && !this.wire.isSecure && kind !== 'stripped'
    const mayLogIn = options.credentials && (options.tls === undefined || this.wire.isSecure)
    const lines = [
      'sink',
      ...[...offered].filter(one => one !== 'SIZE'),
      ...(this.#mayTls ? ['STARTTLS'] : []),
      ...(mayLogIn ? ['AUTH PLAIN LOGIN'] : []),
      ...(offered.has('SIZE') ? [`SIZE ${options.maxBytes ?? ANNOUNCED_BYTES}`] : []),
    ]
    this.wire.answer(
      kind,
      'ehlo',
      lines.map((line, index) => `250${index < lines.length - 1 ? '-' : ' '}${line}`).join('\r\n'),
    )
  }

  #startTls(): void {
    const kind = this.#kindAt('starttls')
    if (!this.#mayTls) return this.wire.say('502 5.5.1 not offered')
    const usual = '220 2.0.0 go ahead'
    if (kind === 'injected') this.wire.say(`${usual}\r\n250-injected\r\n250 AUTH PLAIN LOGIN`)
    else if (this.wire.answer(kind, 'starttls', usual) !== 2) return
    // Whatever came in the same packet is not from inside the TLS (RFC 3207 §4.2).
    this.wire.isDeaf = true
    this.wire.afterReplies(() => {
      this.wire.isDeaf = false
      this.#pending = EMPTY
      this.#forget()
      this.wire.secure(() => {})
    })
  }

  #logIn(line: string): void {
    const { credentials } = this.shared.options
    if (!credentials) return this.wire.say('502 5.5.1 not offered')
    startLogin(line, {
      ask: (prompt, onLine) => {
        this.#onLine = onLine
        this.wire.say(prompt)
      },
      refuse: reply => this.wire.say(reply),
      check: (user, password) => {
        const isRight = user === credentials.user && password === this.shared.password
        const usual = isRight ? '235 2.7.0 welcome' : '535 5.7.8 authentication credentials invalid'
        this.#isLoggedIn = this.#answer('auth', usual) === 2
      },
    })
  }

  #startMail(line: string): void {
    this.#forget()
    const { credentials } = this.shared.options
    const from = between(line)
    const wrong =
      credentials && !this.#isLoggedIn
        ? '530 5.7.0 authentication required'
        : this.#wrongParameter(line, from)
    if (wrong) return this.wire.say(wrong)
    const isUtf8 = /> (.* )?SMTPUTF8( |$)/i.test(line)
    if (this.#answer('mail', '250 2.1.0 sender ok') === 2) this.#mail = { from, to: [], isUtf8 }
  }

  #wrongParameter(line: string, from: string): string | undefined {
    const { options, offered } = this.shared
    const size = Number(/ SIZE=(\d+)/i.exec(line)?.[1] ?? 0)
    if (options.maxBytes && size > options.maxBytes) return TOO_BIG
    if (!options.extensions) return undefined
    const parameters = line
      .slice(line.lastIndexOf('>') + 1)
      .trim()
      .split(' ')
      .filter(Boolean)
    const isKnown = (one: string) =>
      (/^SIZE=/i.test(one) && offered.has('SIZE')) ||
      (/^BODY=/i.test(one) && offered.has('8BITMIME')) ||
      (/^SMTPUTF8$/i.test(one) && offered.has('SMTPUTF8'))
    if (!parameters.every(isKnown)) return '555 5.5.4 parameter not recognised'
    return isAscii(from) || parameters.some(one => /^SMTPUTF8$/i.test(one)) ? undefined : NEEDS_UTF8
  }

  #addRecipient(line: string): void {
    const to = between(line)
    if (!this.#mail) return this.wire.say('503 5.5.1 MAIL first')
    if (this.shared.options.extensions && !this.#mail.isUtf8 && !isAscii(to)) return this.wire.say(NEEDS_UTF8)
    this.#asked = this.shared.faults.askedBy(to)
    if (this.#answer('rcpt', '250 2.1.5 recipient ok', to) === 2) this.#mail.to.push(to)
  }

  #startData(): void {
    const kind = this.#kindAt('data')
    const isEmpty = !this.#mail || this.#mail.to.length === 0
    if (this.#mail?.chunks || (isEmpty && kind !== 'lax')) return this.wire.say('503 5.5.1 no recipient')
    if (this.wire.answer(kind, 'data', '354 go on') !== 3) return
    this.#body = { parts: new DotBody(), isLast: true, isBegun: false }
    this.#interrupt('after-354')
  }

  #startChunk(line: string): void {
    const [, size, last] = /^BDAT (\d+)( LAST)?$/i.exec(line) ?? []
    if (!this.shared.offered.has('CHUNKING')) return this.wire.say('502 5.5.1 not offered')
    if (size === undefined) return this.wire.say('501 5.5.4 BDAT size [LAST]')
    this.#body = {
      parts: new CountedBody(Number(size)),
      isLast: last !== undefined,
      isBegun: Boolean(this.#mail?.chunks),
    }
    if (this.#mail && !this.#mail.chunks && this.#mail.to.length > 0) this.#interrupt('after-354')
  }

  /** Something that happens although it is the client's turn. */
  #interrupt(place: 'after-354' | 'in-body' | 'idle'): void {
    const kind = this.#kindAt(place)
    if (kind) this.wire.answer(kind, place, '250 2.0.0 ok')
  }

  #takeBody(chunk: Buffer): Buffer | undefined {
    const body = this.#body
    if (!body) return chunk
    if (!body.isBegun && chunk.length > 0 && this.#mail) {
      body.isBegun = true
      this.#interrupt('in-body')
      if (this.wire.isDeaf) return undefined
    }
    const rest = body.parts.take(chunk)
    if (!rest) return undefined
    this.#body = undefined
    if (body.parts instanceof DotBody) this.#complete(body.parts.message(), 'data')
    else this.#endChunk(body.parts, body.isLast)
    return rest.length > 0 ? rest : undefined
  }

  #endChunk({ chunks }: CountedBody, isLast: boolean): void {
    const mail = this.#mail
    if (!mail || mail.to.length === 0) return this.wire.say('503 5.5.1 no recipient')
    const isFirst = mail.chunks === undefined
    const all = [...(mail.chunks ?? []), ...chunks]
    if (isLast) return this.#complete(Buffer.concat(all), 'bdat')
    const usual = `250 2.0.0 ${chunks.reduce((sum, { length }) => sum + length, 0)} octets`
    const answer = isFirst ? this.#answer('data', usual) : this.wire.answer(undefined, 'data', usual)
    if (answer === 2) mail.chunks = all
    else this.#mail = undefined
  }

  /** The one place where a message is counted. */
  #complete(data: Buffer, by: 'data' | 'bdat'): void {
    const { from, to } = this.#mail ?? { from: '', to: [] }
    const { maxBytes = Number.POSITIVE_INFINITY } = this.shared.options
    let usual = '250 2.0.0 queued as 4711'
    if (to.length === 0) usual = '554 5.5.1 no valid recipients'
    else if (data.length > maxBytes) usual = TOO_BIG
    const at = Date.now()
    const answer = this.#answer('dot', usual)
    this.shared.received.push({ at, from, to, data, answer, by, connection: this.connection })
    this.#forget()
    if (answer !== 2) return
    this.#messages++
    this.#interrupt('idle')
  }
}

const TOO_BIG = '552 5.3.4 message size exceeds fixed limit'
const NEEDS_UTF8 = '553 5.6.7 non-ASCII address without SMTPUTF8'
const between = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? ''
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked here.
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
