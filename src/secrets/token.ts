// Tokens in links, Message-IDs and return paths: key id + random public reference + 128-bit MAC. Nothing is stored per mail.
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import { base32nopad } from '@scure/base'
import { type Keyring, MissingKeyError } from './keyring'
import { createShortHmac } from './short-hmac'

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

const LETTERS = Buffer.from('abcdefghijklmnopqrstuvwxyz234567')

/**
 * Lower-case base32 (RFC 4648 §6, no padding): survives gateways that fold the case of local parts.
 * Written out because three are made per mail and the library needs ten times as long.
 */
export function toBase32(bytes: Uint8Array): string {
  const text = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5))
  let at = 0
  let bits = 0
  let rest = 0
  for (const byte of bytes) {
    rest = ((rest & 31) << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text[at++] = LETTERS[(rest >> (bits - 5)) & 31] as number
  }
  if (bits > 0) text[at] = LETTERS[(rest << (5 - bits)) & 31] as number
  return text.toString('latin1')
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
  made[0] = keyId
  made.set(reference, 1)
  made.write(mac, 1 + REFERENCE_BYTES, MAC_BYTES, 'latin1')
  return toBase32(made)
}

/** Overwritten by the next. */
const made = Buffer.alloc(1 + REFERENCE_BYTES + MAC_BYTES)

/** The reference, or undefined for a token that is malformed, forged, for another purpose or of a revoked key. */
export function readToken(keyring: Keyring, purpose: TokenPurpose, token: string): Buffer | undefined {
  const bytes = fromBase32(token.slice(0, 100))
  if (bytes?.length !== 1 + REFERENCE_BYTES + MAC_BYTES) return undefined
  const reference = bytes.subarray(1, 1 + REFERENCE_BYTES)
  const mac = macOf(keyring, bytes.readUInt8(0), purpose, reference)?.slice(0, MAC_BYTES)
  const isOurs = mac && timingSafeEqual(Buffer.from(mac, 'latin1'), bytes.subarray(1 + REFERENCE_BYTES))
  return isOurs ? reference : undefined
}

/** 32 bytes, each a character. */
function macOf(
  keyring: Keyring,
  keyId: number,
  purpose: TokenPurpose,
  reference: Buffer,
): string | undefined {
  const key = keyring.derived(keyId, `token:${purpose}`)
  if (!key) return undefined
  let mac = macs.get(key)
  if (!mac) {
    mac = createShortHmac(key, REFERENCE_BYTES)
    macs.set(key, mac)
  }
  return mac(reference)
}

const macs = new WeakMap<KeyObject, (reference: Buffer) => string>()
