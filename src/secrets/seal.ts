// Encryption at rest: AES-256-GCM (NIST SP 800-38D), a random 96-bit nonce per value, bound to the row it belongs to.
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { type Keyring, MissingKeyError } from './keyring'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const USE = 'seal'

/** What is stored: the ciphertext (nonce, tag, data) and the id of the key that made it. */
export interface Sealed {
  data: Buffer
  keyId: number
}

/** Encrypts text; `owner` (the row's random reference and the column) must be given again to open it. */
export function seal(keyring: Keyring, text: string, owner: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyFor(keyring, keyring.currentId), nonce)
  cipher.setAAD(Buffer.from(owner))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return { data: Buffer.concat([nonce, cipher.getAuthTag(), data]), keyId: keyring.currentId }
}

/** Decrypts what `seal` made. Throws MissingKeyError when the key is not in the ring, and another error when the value was changed or moved to another row. */
export function open(keyring: Keyring, sealed: Sealed, owner: string): string {
  const nonce = sealed.data.subarray(0, NONCE_BYTES)
  const tag = sealed.data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', keyFor(keyring, sealed.keyId), nonce, {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(owner))
  decipher.setAuthTag(tag)
  const text = decipher.update(sealed.data.subarray(NONCE_BYTES + TAG_BYTES))
  // Checks the tag; GCM has no bytes left to give by then.
  decipher.final()
  return text.toString('utf8')
}

function keyFor(keyring: Keyring, id: number): KeyObject {
  const key = keyring.derived(id, USE)
  if (!key) throw new MissingKeyError(id)
  return key
}
