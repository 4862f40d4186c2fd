// A message as the blocks that go over the wire: what may leave before the gate, and what only a permit lets follow.
import { bytesOf, cutEnd, HELD_BYTES, type Part, sizeOf } from './parts'

export interface Blocks {
  /** With the envelope: `DATA`; with CHUNKING `BDAT n` and everything but the end. */
  first: readonly Part[]
  /** Once the server has asked for it: everything but the end, dot-stuffed. Nothing with CHUNKING. */
  head: readonly Part[]
  /** The end, with the final dot or as the last chunk. */
  last: readonly Part[]
}

const DOT_LINE = Buffer.from('\r\n.')
const DOT = Buffer.from('.')
const FULL_STOP = 0x2e

/** The message ends with CRLF. RFC 5321 §4.5.2 for the dots, RFC 3030 for the chunks. */
export function asBlocks(message: readonly Part[], isChunking: boolean): Blocks {
  const [head, end] = cutEnd(isChunking ? message : dotStuffed(message), HELD_BYTES)
  if (!isChunking) return { first: ['DATA\r\n'], head, last: [...end, '.\r\n'] }
  return {
    first: [`BDAT ${sizeOf(head)}\r\n`, ...head],
    head: [],
    last: [`BDAT ${sizeOf(end)} LAST\r\n`, ...end],
  }
}

/** Newsletters have no line that begins with a dot (body.ts); mail about other things may. */
const dotStuffed = (message: readonly Part[]): readonly Part[] =>
  message.some(mayHoldDotLine) ? [stuffed(bytesOf(message))] : message

/** A dot at the beginning of a part may be one at the beginning of a line. */
function mayHoldDotLine(part: Part): boolean {
  if (typeof part === 'string')
    return part.startsWith('.') || part.startsWith('\n.') || part.includes('\r\n.')
  const known = looked.get(part)
  if (known !== undefined) return known
  const found = part[0] === FULL_STOP || (part[0] === 10 && part[1] === FULL_STOP) || part.includes(DOT_LINE)
  looked.set(part, found)
  return found
}

/** Shared parts are looked through once, not once for each reader. */
const looked = new WeakMap<Buffer, boolean>()

function stuffed(raw: Buffer): Buffer {
  const parts: Buffer[] = raw[0] === FULL_STOP ? [DOT] : []
  let from = 0
  for (let at = raw.indexOf(DOT_LINE); at >= 0; at = raw.indexOf(DOT_LINE, from)) {
    parts.push(raw.subarray(from, at + DOT_LINE.length), DOT)
    from = at + DOT_LINE.length
  }
  return Buffer.concat([...parts, raw.subarray(from)])
}
