// The second factor of staff: time-based codes (RFC 6238) and recovery codes for when the phone is gone.
import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { EntityManager } from 'typeorm'
import { StaffRecoveryCode } from '../entities/staff-recovery-code'
import { StaffUser } from '../entities/staff-user'
import { fingerprint } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { open, seal } from '../secrets/seal'
import { toBase32 } from '../secrets/token'
import { databaseTime, write } from '../transaction'
import { openStaff } from './staff'

/** RFC 6238 §5.2 recommends one step of 30 seconds for the way of the code and for clocks that differ. */
const SKEW_STEPS = 1
const PERIOD_SECONDS = 30
/** RFC 4226 §4 recommends 160 bits. */
const SECRET_BYTES = 20
const RECOVERY_CODES = 10

const owner = ({ publicId }: StaffUser): string => `staff.totp:${publicId}`

/** Makes a secret that counts once a code of it was entered; undefined when there is a second factor already. */
export async function startSecondFactor(
  tx: EntityManager,
  keyring: Keyring,
  staff: StaffUser,
  issuer: string,
): Promise<{ secret: string; url: string } | undefined> {
  const secret = new Secret({ size: SECRET_BYTES })
  const sealed = seal(keyring, secret.base32, owner(staff))
  const started = await write(
    tx,
    'UPDATE staff_user SET totp_sealed = ?, totp_key_id = ?, totp_step = NULL WHERE id = ? AND totp_confirmed_at IS NULL',
    [sealed.data, sealed.keyId, staff.id],
  )
  if (started === 0) return undefined
  const url = new TOTP({ issuer, label: openStaff(keyring, staff).email, secret }).toString()
  return { secret: secret.base32, url }
}

/** Switches it on with the first code and returns the recovery codes; undefined for a wrong code or one that is on. */
export async function confirmSecondFactor(
  tx: EntityManager,
  keyring: Keyring,
  staffId: number,
  code: string,
): Promise<string[] | undefined> {
  const staff = await tx.findOneByOrFail(StaffUser, { id: staffId })
  const step = await stepOf(tx, keyring, staff, code)
  if (step === undefined) return undefined
  const confirmed = await write(
    tx,
    `UPDATE staff_user SET totp_confirmed_at = UTC_TIMESTAMP(3), totp_step = ?
     WHERE id = ? AND totp_confirmed_at IS NULL`,
    [step, staff.id],
  )
  return confirmed === 1 ? renewRecoveryCodes(tx, keyring, staff) : undefined
}

/** Replaces the recovery codes; they are shown this once. */
export async function renewRecoveryCodes(
  tx: EntityManager,
  keyring: Keyring,
  staff: StaffUser,
): Promise<string[]> {
  await tx.delete(StaffRecoveryCode, { staffId: staff.id })
  const codes = Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(10)))
  const rows = codes.map(code => ({ staffId: staff.id, codeHash: hashOf(keyring, staff, code) }))
  await tx.insert(StaffRecoveryCode, rows)
  return codes.map(code => code.replace(/(.{4})(?=.)/g, '$1-'))
}

/** Takes it off, with its recovery codes. */
export async function removeSecondFactor(tx: EntityManager, staffId: number): Promise<void> {
  await tx.delete(StaffRecoveryCode, { staffId })
  await tx.update(StaffUser, staffId, {
    totpSealed: null,
    totpKeyId: null,
    totpStep: null,
    totpConfirmedAt: null,
  })
}

/** Uses up a code or recovery code of a staff member with a second factor; undefined when it is none. */
export async function redeemCode(
  tx: EntityManager,
  keyring: Keyring,
  staff: StaffUser,
  code: string,
): Promise<'totp' | 'recovery' | undefined> {
  const step = await stepOf(tx, keyring, staff, code)
  if (step === undefined) return (await redeemRecoveryCode(tx, keyring, staff, code)) ? 'recovery' : undefined
  // RFC 6238 §5.2: a code is good once. Earlier steps than one that was used are refused too.
  const used = await write(
    tx,
    `UPDATE staff_user SET totp_step = ?
     WHERE id = ? AND totp_confirmed_at IS NOT NULL AND (totp_step IS NULL OR totp_step < ?)`,
    [step, staff.id, step],
  )
  return used === 1 ? 'totp' : undefined
}

async function redeemRecoveryCode(
  tx: EntityManager,
  keyring: Keyring,
  staff: StaffUser,
  code: string,
): Promise<boolean> {
  const plain = code.slice(0, 100).toLowerCase().replace(/[\s-]/g, '')
  const { affected } = await tx.delete(StaffRecoveryCode, {
    staffId: staff.id,
    codeHash: hashOf(keyring, staff, plain),
  })
  return affected === 1
}

const hashOf = (keyring: Keyring, { publicId }: StaffUser, code: string): Buffer =>
  fingerprint(keyring, 'recovery-code', `${publicId}:${code}`)

/** The time step the code belongs to; undefined when it is not one of the last, this or the next step. */
async function stepOf(
  tx: EntityManager,
  keyring: Keyring,
  staff: StaffUser,
  code: string,
): Promise<number | undefined> {
  const token = code.slice(0, 20).replace(/\s/g, '')
  if (!staff.totpSealed || !/^\d{6}$/.test(token)) return undefined
  const secret = open(keyring, { data: staff.totpSealed, keyId: staff.totpKeyId ?? 0 }, owner(staff))
  const timestamp = (await databaseTime(tx)).getTime()
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD_SECONDS })
  const delta = totp.validate({ token, timestamp, window: SKEW_STEPS })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta
}
