// The server's replies: lines put together, counted against the commands they answer, and the end of the connection.

export interface Reply {
  code: number
  /** All lines as the server wrote them, joined by spaces. */
  text: string
}

/** RFC 5321 §4.5.3.1.5 allows 512 octets a line; more than this in one reply is not a reply. */
const MAX_REPLY = 262_144
const LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/s

/** Thrown away with its connection: what the server says can no longer be matched to what it was asked. */
export class ReplyError extends Error {}

export class Replies {
  #rest = ''
  #lines: string[] = []
  #size = 0

  /** Every reply that is complete with this chunk. Throws ReplyError for what is no reply. */
  read(chunk: string): Reply[] {
    const complete: Reply[] = []
    let text = this.#rest + chunk
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
      text = text.slice(end + 1)
      const reply = this.#line(line)
      if (reply) complete.push(reply)
    }
    this.#rest = text
    if (this.#size + text.length > MAX_REPLY) throw new ReplyError('The reply is too long')
    return complete
  }

  #line(line: string): Reply | undefined {
    const [, code, separator] = LINE.exec(line) ?? []
    if (!code) throw new ReplyError(`Not a reply: ${line.slice(0, 60)}`)
    const first = this.#lines[0]
    if (first && !first.startsWith(code)) throw new ReplyError('A reply of two codes')
    this.#lines.push(line)
    this.#size += line.length
    if (separator === '-') {
      if (this.#size > MAX_REPLY) throw new ReplyError('The reply is too long')
      return undefined
    }
    const text = this.#lines.join(' ')
    this.#lines = []
    this.#size = 0
    return { code: Number(code), text }
  }
}
