// A checkpoint's events in chunks of a thousand, each with its own digest: a break is found within one of them.
import { digestOf, type Leaf } from './leaf'

export const CHUNK_EVENTS = 1024
const ID_BYTES = 8
const COUNT_BYTES = 4
const CHUNK_BYTES = ID_BYTES + COUNT_BYTES + 32

export interface Chunk {
  lastId: number
  events: number
  digest: Buffer
}

/** Of events in the order of their ids; there is at least one. */
export const chunkOf = (leaves: readonly Leaf[]): Chunk => ({
  lastId: leaves.at(-1)?.id ?? 0,
  events: leaves.length,
  digest: digestOf(leaves),
})

export const joinChunks = (chunks: readonly Chunk[]): Buffer => Buffer.concat(chunks.map(bytesOf))

function bytesOf({ lastId, events, digest }: Chunk): Buffer {
  const head = Buffer.alloc(ID_BYTES + COUNT_BYTES)
  head.writeBigUInt64BE(BigInt(lastId))
  head.writeUInt32BE(events, ID_BYTES)
  return Buffer.concat([head, digest])
}

export function* readChunks(bytes: Buffer): Generator<Chunk> {
  for (let at = 0; at + CHUNK_BYTES <= bytes.length; at += CHUNK_BYTES)
    yield {
      lastId: Number(bytes.readBigUInt64BE(at)),
      events: bytes.readUInt32BE(at + ID_BYTES),
      digest: bytes.subarray(at + ID_BYTES + COUNT_BYTES, at + CHUNK_BYTES),
    }
}
