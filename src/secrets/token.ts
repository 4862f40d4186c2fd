// Tokens in links, Message-IDs and return paths: key id + random public reference + 128-bit MAC. Nothing is stored per mail.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { base32nopad } from '@scure/base'
import { type Keyring, MissingKeyError } from './keyring'

/** What a token is good for; one made for one purpose is refused for every other. */
export type TokenPurpose =
  | 'confirm'
  | 'unsubscribe'
  | 'preferences'
  | 'delivery'
  | 'staff-password'
  | 'login'
  | 'email-change'
  | 'renew'
  | 'export'
  | 'lawful-disclosure'

const REFERENCE_BYTES = 16
const MAC_BYTES = 16

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
/** Two letters for each value of 10 bits. */
const PAIRS = Array.from(
  { length: 1024 },
  (_, value) => LETTERS.charAt(value >> 5) + LETTERS.charAt(value & 31),
)

/**
 * Lower-case base32 (RFC 4648 §6, no padding): survives gateways that fold the case of local parts.
 * Written out because two are made per mail and the library needs ten times as long.
 */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let rest = 0
  for (const byte of bytes) {
    rest = ((rest & 1023) << 8) | byte
    bits += 8
    if (bits < 10) continue
    bits -= 10
    text += PAIRS[(rest >> bits) & 1023]
  }
  if (bits === 0) return text
  const last = PAIRS[(rest << (10 - bits)) & 1023] ?? ''
  return text + (bits > 5 ? last : last.charAt(0))
}

/** The bytes, or undefined for anything toBase32 would not have written (one value has one spelling). */
export function fromBase32(text: string): Buffer | undefined {
  if (!/^[a-z2-7]*$/.test(text)) return undefined
  try {
    return Buffer.from(base32nopad.decode(text.toUpperCase()))
  } catch {
    return undefined
  }
}

/**
 * 53 lower-case base32 letters for a 16-byte reference. What is composed again after a rotation names the key it was
 * first made with, so that it stays the same. Throws MissingKeyError when that key is not in the ring.
 */
export function makeToken(
  keyring: Keyring,
  purpose: TokenPurpose,
  reference: Buffer,
  keyId = keyring.currentId,
): string {
  if (reference.length !== REFERENCE_BYTES) throw new Error('A token reference has 16 bytes')
  const mac = macOf(keyring, keyId, purpose, reference)
  if (!mac) throw new MissingKeyError(keyId)
  return toBase32(Buffer.concat([Buffer.from([keyId]), reference, mac]))
}

/** The reference, or undefined for a token that is malformed, forged, for another purpose or of a revoked key. */
export function readToken(keyring: Keyring, purpose: TokenPurpose, token: string): Buffer | undefined {
  const bytes = fromBase32(token.slice(0, 100))
  if (bytes?.length !== 1 + REFERENCE_BYTES + MAC_BYTES) return undefined
  const reference = bytes.subarray(1, 1 + REFERENCE_BYTES)
  const mac = macOf(keyring, bytes.readUInt8(0), purpose, reference)
  return mac && timingSafeEqual(mac, bytes.subarray(1 + REFERENCE_BYTES)) ? reference : undefined
}

function macOf(
  keyring: Keyring,
  keyId: number,
  purpose: TokenPurpose,
  reference: Buffer,
): Buffer | undefined {
  const key = keyring.derived(keyId, `token:${purpose}`)
  return key && createHmac('sha256', key).update(reference).digest().subarray(0, MAC_BYTES)
}
