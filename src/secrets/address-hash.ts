// Keyed hash of a canonical address: look-up, uniqueness and suppression without the address itself.
import { createHmac } from 'node:crypto'
import type { Keyring } from './keyring'

/** HMAC-SHA256 under ADDRESS_KEY of the canonical address (see mail/address). 32 bytes. */
export const addressHash = (keyring: Keyring, canonicalAddress: string): Buffer =>
  createHmac('sha256', keyring.addressKey).update(canonicalAddress).digest()

/** A keyed fingerprint of any other value, bound to its use; for idempotency keys and evidence. 32 bytes. */
export const fingerprint = (keyring: Keyring, use: string, value: string): Buffer =>
  createHmac('sha256', keyring.addressKey).update(`${use}\0${value}`).digest()

/** Names an address in the counters in Redis: of no use for finding anything in the tables. */
export const rateKey = (keyring: Keyring, hash: Buffer): string =>
  fingerprint(keyring, 'rate-address', hash.toString('hex')).toString('base64url')
