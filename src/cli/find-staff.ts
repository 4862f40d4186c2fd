import type { EntityManager } from 'typeorm'
import { staffWithAddress } from '../consent/staff-password'
import type { StaffUser } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { Problem } from './problem'

/** The staff member with this address. Throws a Problem when there is none. */
export async function findStaff(db: EntityManager, keyring: Keyring, email: string): Promise<StaffUser> {
  const address = parseAddress(email)
  const staff = address && (await staffWithAddress(db, addressHash(keyring, address.canonical)))
  if (!staff) throw new Problem(`${email} is not the address of a staff member.`)
  return staff
}
