// One SMTP session: what comes is commands, steps of a log-in or a body; greeting, TLS and log-in are answered here.
import type { Socket } from 'node:net'
import { startLogin } from './login'
import type { Shared } from './settings'
import { Transaction } from './transaction'
import { Wire } from './wire'

const EMPTY = Buffer.alloc(0)
const MAX_LINE = 65_536
const ANNOUNCED_BYTES = 1_000_000

export class Session {
  readonly wire: Wire
  #pending: Buffer = EMPTY
  readonly #transaction: Transaction
  /** A line that is no command but the next step of a log-in. */
  #onLine: ((line: string) => void) | undefined
  #mayTls = false
  #isLoggedIn = false

  constructor(
    socket: Socket,
    private readonly shared: Shared,
    connection: number,
  ) {
    this.wire = new Wire(socket, shared, chunk => this.#take(chunk))
    this.#transaction = new Transaction(this.wire, shared, connection)
    if (shared.options.tls === 'implicit') this.wire.secure(() => this.#greet())
    else {
      this.wire.listen()
      this.#greet()
    }
  }

  get isInBody(): boolean {
    return this.#transaction.isInBody
  }

  #greet(): void {
    this.#transaction.answer('banner', '220 sink ESMTP')
  }

  #take(chunk: Buffer): void {
    let rest: Buffer | undefined = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    this.#pending = EMPTY
    while (rest && !this.wire.isDeaf)
      rest = this.#transaction.isInBody ? this.#transaction.takeBody(rest) : this.#takeLine(rest)
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
    return after.length > 0 || this.#transaction.isInBody ? after : undefined
  }

  #command(line: string): void {
    if (!this.shared.options.onMessage) this.shared.commands.push(line)
    const verb = /^[A-Za-z]*/.exec(line)?.[0].toUpperCase() ?? ''
    const run = this.#verbs[verb]
    if (run) run(line)
    else this.wire.say('500 5.5.2 no such command')
  }

  readonly #verbs: Readonly<Record<string, (line: string) => void>> = {
    EHLO: () => this.#hello(),
    HELO: () => this.#transaction.answer('any', '250 sink'),
    STARTTLS: () => this.#startTls(),
    AUTH: line => this.#logIn(line),
    MAIL: line => this.#transaction.startMail(line, this.#isLoggedIn),
    RCPT: line => this.#transaction.addRecipient(line),
    DATA: () => this.#transaction.startData(),
    BDAT: line => this.#transaction.startChunk(line),
    RSET: () => {
      this.#transaction.forget()
      this.wire.say('250 2.0.0 ok')
    },
    NOOP: () => this.wire.say('250 2.0.0 ok'),
    QUIT: () => {
      this.wire.say('221 2.0.0 bye')
      this.wire.end()
    },
  }

  #hello(): void {
    this.#transaction.forget()
    const { options, offered } = this.shared
    const kind = this.#transaction.kindAt('ehlo')
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
    const kind = this.#transaction.kindAt('starttls')
    if (!this.#mayTls) return this.wire.say('502 5.5.1 not offered')
    const usual = '220 2.0.0 go ahead'
    if (kind === 'injected') this.wire.say(`${usual}\r\n250-injected\r\n250 AUTH PLAIN LOGIN`)
    else if (this.wire.answer(kind, 'starttls', usual) !== 2) return
    // Whatever came in the same packet is not from inside the TLS (RFC 3207 §4.2).
    this.wire.isDeaf = true
    this.wire.afterReplies(() => {
      this.wire.isDeaf = false
      this.#pending = EMPTY
      this.#transaction.forget()
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
        this.#isLoggedIn = this.#transaction.answer('auth', usual) === 2
      },
    })
  }
}
