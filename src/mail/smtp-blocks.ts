// A message as the blocks that go over the wire: what may leave before the gate, and what only a permit lets follow.
import { HELD_BYTES } from './smtp-work'

export interface Blocks {
  /** DATA: everything but the end, dot-stuffed. Empty with CHUNKING. */
  head: Buffer
  /** CHUNKING: `BDAT n` and everything but the end. */
  first: [command: string, head: Buffer]
  /** The end, with the final dot or as the last chunk. */
  last: (string | Buffer)[]
}

const DOT_LINE = Buffer.from('\r\n.')
const DOT = Buffer.from('.')
const FULL_STOP = 0x2e

/** `raw` ends with CRLF (Message). RFC 5321 §4.5.2 for the dots, RFC 3030 for the chunks. */
export function asBlocks(raw: Buffer, isChunking: boolean): Blocks {
  const bytes = isChunking ? raw : dotStuffed(raw)
  const held = Math.max(bytes.length - HELD_BYTES, 0)
  const head = bytes.subarray(0, held)
  const end = bytes.subarray(held)
  return {
    head,
    first: [`BDAT ${head.length}\r\n`, head],
    last: isChunking ? [`BDAT ${end.length} LAST\r\n`, end] : [end, '.\r\n'],
  }
}

function dotStuffed(raw: Buffer): Buffer {
  let at = raw.indexOf(DOT_LINE)
  if (at < 0 && raw[0] !== FULL_STOP) return raw
  const parts: Buffer[] = raw[0] === FULL_STOP ? [DOT] : []
  let from = 0
  for (; at >= 0; at = raw.indexOf(DOT_LINE, from)) {
    parts.push(raw.subarray(from, at + DOT_LINE.length), DOT)
    from = at + DOT_LINE.length
  }
  return Buffer.concat([...parts, raw.subarray(from)])
}
