import { openStaff } from '../consent/staff'
import { StaffUser } from '../entities/staff-user'
import { createKeyring } from '../secrets/keyring'
import { withDatabase } from './with-database'

/** Everybody of staff, the disabled too. */
export async function staffListCommand({ json }: { json?: boolean }): Promise<void> {
  const people = await withDatabase(async ({ manager }, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    const rows = await manager.find(StaffUser, { order: { id: 'ASC' } })
    return rows.map(row => ({
      id: row.publicId,
      ...openStaff(keyring, row),
      role: row.role,
      disabled: row.disabledAt !== null,
      invited: row.confirmedAt === null,
      secondFactor: row.totpConfirmedAt !== null,
      lastSeenAt: row.lastSeenAt,
    }))
  })
  if (json) return console.log(JSON.stringify(people))
  for (const { name, email, role, ...one } of people) {
    const remarks = [
      one.disabled && 'disabled',
      one.invited && 'invited',
      one.secondFactor && 'second factor',
      one.lastSeenAt && `last log-in ${one.lastSeenAt.toISOString()}`,
    ]
    console.log([`${role} ${name} <${email}>`, ...remarks.filter(Boolean)].join(', '))
  }
}
