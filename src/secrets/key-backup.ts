// The keys as a file that only a passphrase opens: scrypt (RFC 7914) and AES-256-GCM.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'

/** As in the environment. */
export interface KeyTexts {
  secretKeys: string
  addressKey: string
}

const KIND = 'We Interrupt keys, version 1'
/** 128 MiB and about half a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 2 ** 20 }

/** The text of the file. */
export function lockKeys(keys: KeyTexts, passphrase: string): string {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', keyOf(passphrase, salt), nonce)
  cipher.setAAD(Buffer.from(KIND))
  const data = Buffer.concat([cipher.update(JSON.stringify(keys), 'utf8'), cipher.final()])
  const parts = { salt, nonce, tag: cipher.getAuthTag(), data }
  const fields = Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64')])
  return `${JSON.stringify({ kind: KIND, ...Object.fromEntries(fields) }, undefined, 2)}\n`
}

/** The keys; undefined when the passphrase is another one, or the text was changed or is no such file. */
export function unlockKeys(text: string, passphrase: string): KeyTexts | undefined {
  try {
    const fields = JSON.parse(text) as Record<'salt' | 'nonce' | 'tag' | 'data', string>
    const bytes = (name: keyof typeof fields) => Buffer.from(fields[name], 'base64')
    const key = keyOf(passphrase, bytes('salt'))
    const decipher = createDecipheriv('aes-256-gcm', key, bytes('nonce'), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(KIND))
    decipher.setAuthTag(bytes('tag'))
    return JSON.parse(
      Buffer.concat([decipher.update(bytes('data')), decipher.final()]).toString('utf8'),
    ) as KeyTexts
  } catch {
    return undefined
  }
}

const keyOf = (passphrase: string, salt: Buffer): Buffer => scryptSync(passphrase, salt, 32, COST)
