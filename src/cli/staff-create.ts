import { audit, operator } from '../consent/audit'
import { createStaff, isStaffName, MAX_STAFF_NAME, type NewStaff, randomPassword } from '../consent/staff'
import { type StaffRole, type StaffUser, staffRoles } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { createKeyring } from '../secrets/keyring'
import { isDuplicate, transaction } from '../transaction'
import { givenPassword } from './given-password'
import { Problem } from './problem'
import { withDatabase } from './with-database'

export interface StaffCreateOptions {
  email: string
  name: string
  role: string
  json?: boolean
}

/** Adds a staff member whose address counts as confirmed. A password it made up is printed, once and only here. */
export async function staffCreateCommand(options: StaffCreateOptions): Promise<void> {
  const person = readPerson(options)
  const given = await givenPassword()
  const staff = { ...person, password: given ?? randomPassword() }
  const created = await create(staff)
  if (!created) throw new Problem(`${staff.address.display} is already the address of a staff member.`)
  const { address, name, role } = staff
  const made = given === undefined ? { password: staff.password } : {}
  if (options.json) {
    console.log(JSON.stringify({ id: created.publicId, email: address.display, name, role, ...made }))
    return
  }
  console.log(`Created ${role} ${name} <${address.display}>, id ${created.publicId}`)
  if (made.password) console.log(`Password (shown only this once): ${made.password}`)
}

function readPerson(options: StaffCreateOptions): Omit<NewStaff, 'password'> {
  const address = parseAddress(options.email)
  if (!address) throw new Problem(`--email "${options.email}" is not an address mail can be sent to.`)
  const role = options.role.toUpperCase()
  if (!isRole(role)) throw new Problem(`--role must be one of ${staffRoles.join(', ')}.`)
  const name = options.name.trim()
  if (!isStaffName(name)) throw new Problem(`--name must be one line of 1 to ${MAX_STAFF_NAME} characters.`)
  return { address, name, role }
}

const isRole = (role: string): role is StaffRole => (staffRoles as readonly string[]).includes(role)

const create = (staff: NewStaff): Promise<StaffUser | undefined> =>
  withDatabase(async (db, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    try {
      return await transaction(db, async tx => {
        const created = await createStaff(tx, keyring, staff)
        if (created) await audit(tx, operator, 'staff.create', created.publicId)
        return created
      })
    } catch (error) {
      // Two of these commands at once: the other one won.
      if (isDuplicate(error)) return undefined
      throw error
    }
  })
