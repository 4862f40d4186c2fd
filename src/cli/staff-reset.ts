import { audit, operator } from '../consent/audit'
import { randomPassword } from '../consent/staff'
import { hashPassword, lockStaff, setPassword } from '../consent/staff-password'
import { removeSecondFactor } from '../consent/staff-second-factor'
import { createKeyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { findStaff } from './find-staff'
import { givenPassword } from './given-password'
import { withDatabase } from './with-database'

/** A new password, from standard input or made up and printed once; for who lost the phone, also no second factor. */
export async function staffResetCommand(options: { email: string; secondFactor?: boolean }): Promise<void> {
  const given = await givenPassword()
  const password = given ?? randomPassword()
  const passwordHash = await hashPassword(password)
  await withDatabase((db, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    return transaction(db, async tx => {
      const { id } = await findStaff(tx, keyring, options.email)
      const staff = await lockStaff(tx, id)
      await setPassword(tx, staff, passwordHash)
      await audit(tx, operator, 'staff.password', staff.publicId)
      if (!options.secondFactor || !staff.totpSealed) return
      await removeSecondFactor(tx, id)
      await audit(tx, operator, 'staff.second-factor-off', staff.publicId)
    })
  })
  const removed = options.secondFactor ? ' and no second factor' : ''
  console.log(`${options.email} has a new password${removed}; all their log-ins have ended.`)
  if (given === undefined) console.log(`Password (shown only this once): ${password}`)
}
