// Passwords of staff: argon2id, with the parameters OWASP names first (the library's default: 19 MiB, t=2, p=1).
import { hash, verify } from '@node-rs/argon2'
import type { EntityManager } from 'typeorm'
import { StaffUser } from '../entities/staff-user'
import { databaseTime } from '../transaction'
import { endStaffSessions } from './staff-session'

export const MIN_PASSWORD = 12
export const MAX_PASSWORD = 500

/** A hash of nothing anyone knows: an unknown address costs the same time as a wrong password. */
const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$d2VpbnRlcnJ1cHQtZHVtbXk$W4J2kM1yHg0RNhvrNEbHqzmMG1g6Vg0bJmn2yjD8S7M'

/** What is stored of a password. */
export const hashPassword = (password: string): Promise<string> => hash(password)

/** Whether this is the password behind the hash; takes as long without one. */
export const isPassword = (passwordHash: string | null | undefined, password: string): Promise<boolean> =>
  verify(passwordHash ?? DUMMY_HASH, password.slice(0, MAX_PASSWORD)).then(
    isRight => isRight && Boolean(passwordHash),
    () => false,
  )

/** The staff member with this address, password hash included; disabled ones too. */
export const staffWithAddress = (db: EntityManager, addressHash: Buffer): Promise<StaffUser | null> =>
  withPasswordHash(db).where('staff.addressHash = :addressHash', { addressHash }).getOne()

/** The staff member's row, held until the transaction ends, password hash included. Throws when there is none. */
export const lockStaff = (tx: EntityManager, id: number): Promise<StaffUser> =>
  withPasswordHash(tx).where('staff.id = :id', { id }).setLock('pessimistic_write').getOneOrFail()

const withPasswordHash = (db: EntityManager) =>
  db.createQueryBuilder(StaffUser, 'staff').addSelect('staff.passwordHash')

/** Gives the staff member a new password: the address counts as confirmed, links mailed before and all sessions end. */
export async function setPassword(
  tx: EntityManager,
  { id, confirmedAt }: StaffUser,
  passwordHash: string,
): Promise<void> {
  const now = await databaseTime(tx)
  await tx.update(StaffUser, id, {
    passwordHash,
    passwordChangedAt: now,
    confirmedAt: confirmedAt ?? now,
  })
  await endStaffSessions(tx, id)
}
