// A message as the parts it is put together from: bytes shared by all readers of a newsletter, and between them one reader's
// own. They go to the socket as they are; 30 kB that are copied for each reader cost more than all else that is written.

/** All ASCII. A buffer is shared by many messages and is never written to; a string is short. */
export type Part = Buffer | string

/** In octets. */
export const sizeOf = (parts: readonly Part[]): number => parts.reduce((size, part) => size + part.length, 0)

/** In one piece; into `room` where that is large enough, a new buffer otherwise. */
export function bytesOf(parts: readonly Part[], room?: Buffer): Buffer {
  const size = sizeOf(parts)
  const bytes = room && room.length >= size ? room : Buffer.allocUnsafe(size)
  let at = 0
  for (const part of parts)
    at += typeof part === 'string' ? bytes.write(part, at, 'latin1') : part.copy(bytes, at)
  return bytes.subarray(0, size)
}

/** Text that stands together becomes one part. */
export function joined(parts: readonly Part[]): Part[] {
  const together: Part[] = []
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    if (text) together.push(text)
    text = ''
    together.push(part)
  }
  if (text) together.push(text)
  return together
}

/** The last `octets` by themselves, or all of it where there are no more. */
export function cutEnd(parts: readonly Part[], octets: number): [head: Part[], end: Part[]] {
  const head = [...parts]
  const end: Part[] = []
  let left = octets
  while (left > 0) {
    const part = head.pop()
    if (part === undefined) break
    const from = Math.max(part.length - left, 0)
    if (from > 0) head.push(cut(part, 0, from))
    end.unshift(from > 0 ? cut(part, from) : part)
    left -= part.length - from
  }
  return [head, end]
}

const cut = (part: Part, from: number, to?: number): Part =>
  typeof part === 'string' ? part.slice(from, to) : part.subarray(from, to)
