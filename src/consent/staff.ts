// Staff rows: sealing and opening. Who may do what is the API's business (api/access).
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { type StaffRole, StaffUser } from '../entities/staff-user'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { open, seal } from '../secrets/seal'
import { databaseTime } from '../transaction'
import { hashPassword } from './staff-password'

export interface NewStaff {
  address: { canonical: string; display: string }
  name: string
  role: StaffRole
  /** Left out for somebody who is invited to choose one. */
  password?: string
}

/** Adds a staff member; with a password the address counts as confirmed. Undefined when the address is already one of staff. */
export async function createStaff(
  tx: EntityManager,
  keyring: Keyring,
  staff: NewStaff,
): Promise<StaffUser | undefined> {
  const hashed = addressHash(keyring, staff.address.canonical)
  if (await tx.existsBy(StaffUser, { addressHash: hashed })) return undefined
  const publicId = uuidv7()
  const email = seal(keyring, staff.address.canonical, `staff.email:${publicId}`)
  const now = await databaseTime(tx)
  const row = tx.create(StaffUser, {
    publicId,
    addressHash: hashed,
    emailSealed: email.data,
    nameSealed: seal(keyring, staff.name, `staff.name:${publicId}`).data,
    keyId: email.keyId,
    role: staff.role,
    passwordHash: staff.password === undefined ? null : await hashPassword(staff.password),
    passwordChangedAt: staff.password === undefined ? null : now,
    confirmedAt: staff.password === undefined ? null : now,
    disabledAt: null,
    lastSeenAt: null,
    createdAt: now,
  })
  return tx.save(row)
}

export const MAX_STAFF_NAME = 100
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Whether this may be somebody's name: one line of 1 to 100 characters. */
export const isStaffName = (name: string): boolean =>
  name.trim() !== '' && name.trim().length <= MAX_STAFF_NAME && !CONTROLS.test(name.trim())

/** A password nobody has to invent: 144 random bits. */
export const randomPassword = (): string => randomBytes(18).toString('base64url')

export function openStaff(keyring: Keyring, staff: StaffUser): { email: string; name: string } {
  const sealed = (data: Buffer) => ({ data, keyId: staff.keyId })
  return {
    email: open(keyring, sealed(staff.emailSealed), `staff.email:${staff.publicId}`),
    name: open(keyring, sealed(staff.nameSealed), `staff.name:${staff.publicId}`),
  }
}
