// The age pass: says only that some age check passed a short while ago. It carries nothing of the visitor.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Keyring } from './keyring'

/** DESIGN §6: a pass is good for 30 minutes. */
export const AGE_PASS_MS = 30 * 60_000

/** key id.expiry.nonce.MAC, base64url parts. */
export function makeAgePass(keyring: Keyring, now: Date): string {
  const claim = `${keyring.currentId}.${(now.getTime() + AGE_PASS_MS).toString(36)}.${randomBytes(9).toString('base64url')}`
  return `${claim}.${macOf(keyring, keyring.currentId, claim)?.toString('base64url')}`
}

/** Whether the pass was made here and has not run out. */
export function isValidAgePass(keyring: Keyring, pass: string, now: Date): boolean {
  const parts = pass.slice(0, 200).split('.')
  const [keyId, expiry, , mac] = parts
  if (parts.length !== 4 || !keyId || !expiry || !mac) return false
  // Compared as text: one pass has one spelling.
  const expected = Buffer.from(
    macOf(keyring, Number(keyId), parts.slice(0, 3).join('.'))?.toString('base64url') ?? '',
  )
  const given = Buffer.from(mac)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false
  return Number.parseInt(expiry, 36) > now.getTime()
}

/** When a valid pass was made: the form that carries it cannot have been shown earlier. */
export const agePassMadeAt = (pass: string): Date =>
  new Date(Number.parseInt(pass.split('.')[1] ?? '', 36) - AGE_PASS_MS)

function macOf(keyring: Keyring, keyId: number, claim: string): Buffer | undefined {
  const key = keyring.derived(keyId, 'age-pass')
  return key && createHmac('sha256', key).update(claim).digest().subarray(0, 16)
}
