import { audit, operator } from '../consent/audit'
import { saveStaff } from '../consent/staff-save'
import { createKeyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { findStaff } from './find-staff'
import { Problem } from './problem'
import { withDatabase } from './with-database'

/** Ends every log-in of a staff member and the API keys they made, for good until an admin lets them in again. */
export async function staffDeactivateCommand({ email }: { email: string }): Promise<void> {
  await withDatabase((db, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    return transaction(db, async tx => {
      const { id, role, publicId } = await findStaff(tx, keyring, email)
      const saved = await saveStaff(tx, id, { role, disabled: true })
      if (saved.kind === 'last-admin')
        throw new Problem('This is the last admin: create another one first (`weinterrupt staff create`).')
      if (!saved.before.disabled) await audit(tx, operator, 'staff.disable', publicId)
      for (const key of saved.revokedKeys) await audit(tx, operator, 'key.revoke', key)
    })
  })
  console.log(`${email} can no longer log in.`)
}
