// The keys of one process: derives one key per use, so that a value made for one use is worthless for another.
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Key } from '../config'

export interface Keyring {
  /** Encrypts and signs. */
  readonly currentId: number
  /** The key for one use; undefined when the id is not in the ring. Old ids only decrypt and verify. */
  derived(id: number, use: string): KeyObject | undefined
  /** The key for keyed hashes of addresses; it never rotates, since hashes of erased people could not be remade. */
  readonly addressKey: Buffer
  /** What the ledger's signatures are made with; it does not rotate either, so that they stay checkable. */
  readonly ledgerSeed: Buffer
}

/** The value is fine, this process just does not have its key. */
export class MissingKeyError extends Error {
  constructor(id: number) {
    super(`Key ${id} is not in SECRET_KEYS`)
  }
}

/** Builds the ring from SECRET_KEYS and ADDRESS_KEY (HKDF-SHA256, RFC 5869; the use is the info field). */
export function createKeyring(secretKeys: readonly Key[], addressKey: Buffer): Keyring {
  const [current] = secretKeys
  if (!current) throw new Error('SECRET_KEYS is empty')
  const keys = new Map(
    secretKeys.map(({ id, secret }) => [id, { secret, uses: new Map<string, KeyObject>() }]),
  )
  return {
    currentId: current.id,
    addressKey: derive(addressKey, 'address-hash'),
    ledgerSeed: derive(addressKey, 'ledger-signature'),
    derived(id, use) {
      const key = keys.get(id)
      if (!key) return undefined
      const known = key.uses.get(use)
      if (known) return known
      const made = createSecretKey(derive(key.secret, use))
      key.uses.set(use, made)
      return made
    },
  }
}

const derive = (secret: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `weinterrupt/${use}`, 32))
