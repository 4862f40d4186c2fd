// The bytes of a file as text, chunk by chunk, counted and hashed as they pass.
import { createHash } from 'node:crypto'
import { FileProblem } from './problem'

/** Ten times what a million rows take. */
const MAX_BYTES = 2 * 1024 ** 3

/** Of all bytes that have passed. */
export interface FileDigest {
  sha256(): Buffer
}

/**
 * UTF-8, or UTF-16 in either order, told by its byte order mark or by where the zeros of its first letter stand. Throws
 * FileProblem `encoding` for anything else, `file-large` above 2 GB.
 */
export function decode(bytes: AsyncIterable<Buffer>): { text: AsyncIterable<string>; digest: FileDigest } {
  const hash = createHash('sha256')
  return { text: decoded(bytes, hash), digest: { sha256: () => hash.copy().digest() } }
}

async function* decoded(
  bytes: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<string> {
  let size = 0
  let head: Buffer = Buffer.alloc(0)
  let decoder: TextDecoder | undefined
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > MAX_BYTES) throw new FileProblem('file-large')
    hash.update(chunk)
    head = decoder ? chunk : Buffer.concat([head, chunk])
    if (!decoder && head.length < 2) continue
    decoder ??= decoderFor(head)
    yield readable(decoder, head)
  }
  decoder ??= decoderFor(head)
  yield readable(decoder, size < 2 ? head : undefined)
}

function decoderFor(head: Buffer): TextDecoder {
  const [first, second] = head
  const isBigEndian = (first === 0xfe && second === 0xff) || first === 0
  const isLittleEndian = (first === 0xff && second === 0xfe) || second === 0
  return new TextDecoder(isBigEndian ? 'utf-16be' : isLittleEndian ? 'utf-16le' : 'utf-8', { fatal: true })
}

/** Undefined: there is no more, and nothing may be left over. */
function readable(decoder: TextDecoder, chunk: Buffer | undefined): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    throw new FileProblem('encoding')
  }
}
