// The mail transaction of a session: envelope, body by DATA or BDAT, and the one place where a message is counted.
import { CountedBody, DotBody } from './body'
import type { FaultKind, FaultPlace, ParsedFault } from './faults'
import type { Shared } from './settings'
import type { Wire } from './wire'

interface Mail {
  from: string
  to: string[]
  isUtf8: boolean
  /** Of the BDAT commands so far; undefined while there was none. */
  chunks?: Buffer[]
}

const TOO_BIG = '552 5.3.4 message size exceeds fixed limit'
const NEEDS_UTF8 = '553 5.6.7 non-ASCII address without SMTPUTF8'
const between = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? ''
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked here.
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)

/** What a strict server has against the parameters of MAIL. */
function wrongParameter({ options, offered }: Shared, line: string, from: string): string | undefined {
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

export class Transaction {
  #mail: Mail | undefined
  #asked: ParsedFault | undefined
  #body: { parts: DotBody | CountedBody; isLast: boolean; isBegun: boolean } | undefined
  /** Taken on this connection. */
  #messages = 0

  constructor(
    private readonly wire: Wire,
    private readonly shared: Shared,
    private readonly connection: number,
  ) {}

  /** What comes next is not a command. */
  get isInBody(): boolean {
    return this.#body !== undefined
  }

  /** The fault to be played at this place now. */
  kindAt(place: FaultPlace): FaultKind | undefined {
    if (this.#asked?.place === place) return this.#asked.kind
    return this.shared.faults.ofServer(place, this.#messages)
  }

  answer(place: FaultPlace, usual: string, to?: string): number | undefined {
    return this.wire.answer(this.kindAt(place), place, usual, to)
  }

  forget(): void {
    this.#mail = undefined
    this.#asked = undefined
  }

  startMail(line: string, isLoggedIn: boolean): void {
    this.forget()
    const { credentials } = this.shared.options
    const from = between(line)
    const wrong =
      credentials && !isLoggedIn
        ? '530 5.7.0 authentication required'
        : wrongParameter(this.shared, line, from)
    if (wrong) return this.wire.say(wrong)
    const isUtf8 = /> (.* )?SMTPUTF8( |$)/i.test(line)
    if (this.answer('mail', '250 2.1.0 sender ok') === 2) this.#mail = { from, to: [], isUtf8 }
  }

  addRecipient(line: string): void {
    const to = between(line)
    if (!this.#mail) return this.wire.say('503 5.5.1 MAIL first')
    if (this.shared.options.extensions && !this.#mail.isUtf8 && !isAscii(to)) return this.wire.say(NEEDS_UTF8)
    this.#asked = this.shared.faults.askedBy(to)
    if (this.answer('rcpt', '250 2.1.5 recipient ok', to) === 2) this.#mail.to.push(to)
  }

  startData(): void {
    const kind = this.kindAt('data')
    const isEmpty = !this.#mail || this.#mail.to.length === 0
    if (this.#mail?.chunks || (isEmpty && kind !== 'lax')) return this.wire.say('503 5.5.1 no recipient')
    if (this.wire.answer(kind, 'data', '354 go on') !== 3) return
    this.#body = { parts: new DotBody(), isLast: true, isBegun: false }
    this.#interrupt('after-354')
  }

  startChunk(line: string): void {
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
    const kind = this.kindAt(place)
    if (kind) this.wire.answer(kind, place, '250 2.0.0 ok')
  }

  /** Answers what follows the body, or undefined while it goes on. */
  takeBody(chunk: Buffer): Buffer | undefined {
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
    const answer = isFirst ? this.answer('data', usual) : this.wire.answer(undefined, 'data', usual)
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
    const answer = this.answer('dot', usual)
    const { onMessage } = this.shared.options
    const message = { at, from, to, data, answer, by, connection: this.connection }
    if (onMessage) onMessage(message)
    else this.shared.received.push(message)
    this.forget()
    if (answer !== 2) return
    this.#messages++
    this.#interrupt('idle')
  }
}
