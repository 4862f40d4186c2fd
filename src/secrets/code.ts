// Six digits that a person types. Derived, never stored: the same request gives the same code on every retry of its mail.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keyring } from './keyring'

const DIGITS = 6

/** HMAC-SHA256 of the request's random reference, reduced to six digits; undefined once the key has left the ring. */
export function codeFor(keyring: Keyring, keyId: number, use: string, reference: Buffer): string | undefined {
  const key = keyring.derived(keyId, `code:${use}`)
  if (!key) return undefined
  const number = createHmac('sha256', key).update(reference).digest().readUIntBE(0, 6) % 10 ** DIGITS
  return String(number).padStart(DIGITS, '0')
}

/** Whether what was typed or pasted is the code; spaces and hyphens do not count. */
export function isCode(typed: string, code: string): boolean {
  const given = Buffer.from(typed.slice(0, 100).replace(/[\s-]/g, ''))
  const right = Buffer.from(code)
  return given.length === right.length && timingSafeEqual(given, right)
}
