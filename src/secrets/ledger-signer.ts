// Signs what must be checkable for years and by others: checkpoints of the ledger, tombstones, receipts. Ed25519 (RFC 8032).
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Keyring } from './keyring'

/** An Ed25519 seed as PKCS#8, a public key as SPKI (RFC 8410): what comes before the 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export interface LedgerSigner {
  /** 32 bytes, for `isSignedBy`. */
  readonly publicKey: Buffer
  /** 64 bytes over the text's UTF-8. */
  sign(text: string): Buffer
}

/** The one signer of this installation. Its key comes from ADDRESS_KEY, which never rotates and is in every key backup. */
export function createLedgerSigner({ ledgerSeed }: Pick<Keyring, 'ledgerSeed'>): LedgerSigner {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, ledgerSeed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
  return { publicKey, sign: text => sign(null, Buffer.from(text), key) }
}

/** Whether the holder of this public key signed exactly this text. Bytes that are no key or signature are no. */
export function isSignedBy(publicKey: Buffer, text: string, signature: Buffer): boolean {
  const key = publicKey.length === 32 ? publicKeyOf(publicKey) : undefined
  return key !== undefined && signature.length === 64 && verify(null, Buffer.from(text), key, signature)
}

function publicKeyOf(raw: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
