// The bytes of one message, taken as they come; nothing is copied before the end is there.

const CRLF = Buffer.from('\r\n')
const END = Buffer.from('\r\n.\r\n')
const STUFFED = Buffer.from('\r\n.')
const DOT = 0x2e

/** A message by DATA: ends with a dot on a line of its own. Only CRLF ends a line (RFC 5321 §2.3.8). */
export class DotBody {
  readonly #chunks: Buffer[] = []
  #length = 0
  // The line end of the DATA command counts: the first line may already be the dot.
  #tail: Buffer = CRLF

  /** Answers what follows the message, or undefined while it goes on. */
  take(chunk: Buffer): Buffer | undefined {
    const used = this.#endIn(chunk)
    const part = used === undefined ? chunk : chunk.subarray(0, used)
    this.#chunks.push(part)
    this.#length += part.length
    if (used !== undefined) return chunk.subarray(used)
    this.#tail =
      chunk.length >= END.length
        ? chunk.subarray(1 - END.length)
        : Buffer.concat([this.#tail, chunk]).subarray(1 - END.length)
    return undefined
  }

  /** How much of the chunk belongs to the message that ends in it. */
  #endIn(chunk: Buffer): number | undefined {
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, END.length - 1)])
    const atSeam = seam.indexOf(END)
    if (atSeam >= 0) return atSeam + END.length - this.#tail.length
    const at = chunk.indexOf(END)
    return at < 0 ? undefined : at + END.length
  }

  /** What the client meant, without the end and the dots added for the way. */
  message(): Buffer {
    return unstuffed(Buffer.concat(this.#chunks, this.#length).subarray(0, this.#length - 3))
  }
}

/** RFC 5321 §4.5.2. */
function unstuffed(stuffed: Buffer): Buffer {
  const isFirst = stuffed[0] === DOT
  let at = stuffed.indexOf(STUFFED)
  if (!isFirst && at < 0) return stuffed
  const plain = Buffer.allocUnsafe(stuffed.length)
  let from = isFirst ? 1 : 0
  let length = 0
  while (at >= 0) {
    length += stuffed.copy(plain, length, from, at + CRLF.length)
    from = at + STUFFED.length
    at = stuffed.indexOf(STUFFED, from)
  }
  length += stuffed.copy(plain, length, from)
  return plain.subarray(0, length)
}

/** The chunk of one BDAT command (RFC 3030): so many bytes, whatever they are. */
export class CountedBody {
  readonly chunks: Buffer[] = []
  #missing: number

  constructor(size: number) {
    this.#missing = size
  }

  /** Answers what follows the chunk, or undefined while it goes on. */
  take(chunk: Buffer): Buffer | undefined {
    const part = chunk.subarray(0, this.#missing)
    if (part.length > 0) this.chunks.push(part)
    this.#missing -= part.length
    return this.#missing === 0 ? chunk.subarray(part.length) : undefined
  }
}
