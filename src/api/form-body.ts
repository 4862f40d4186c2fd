// Reads a small form. Nothing of it is kept anywhere but in the handler's hands.
import type { Request } from 'express'

const MAX_BYTES = 64 * 1024

/** Answered with 413. */
export class TooLargeError extends Error {
  readonly status = 413
}

/**
 * The body as text; undefined when it is larger than 64 kB. The rest of a larger one is read and dropped, up to 4 MB:
 * after that TooLargeError is thrown.
 */
export async function bodyText(request: Request): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // Not destroyed with the loop: the answer still has to leave on its connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BYTES) chunks.push(chunk)
    // Nobody needs megabytes here: stop listening to a body that does not end.
    if (size > 64 * MAX_BYTES) throw new TooLargeError()
  }
  return size <= MAX_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined
}

/** The fields of an urlencoded form; empty for any other body. */
export async function formFields(request: Request): Promise<URLSearchParams> {
  const text = await bodyText(request)
  const isForm = request.is('application/x-www-form-urlencoded') === 'application/x-www-form-urlencoded'
  return new URLSearchParams(isForm ? (text ?? '') : '')
}
