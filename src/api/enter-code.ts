import { audit, staffActor } from '../consent/audit'
import { forgiveGuess, mayGuess } from '../consent/staff-attempts'
import { redeemCode } from '../consent/staff-second-factor'
import type { StaffUser } from '../entities/staff-user'
import { transaction } from '../transaction'
import type { ApiContext } from './context'
import { ErrorCode } from './user-errors'

/** Uses up a code or recovery code of this staff member; answers what is wrong with it. */
export async function enterCode(
  { db, keyring, requestId }: ApiContext,
  staff: StaffUser,
  code: string,
): Promise<ErrorCode.CODE_INVALID | ErrorCode.RATE_LIMITED | undefined> {
  const guesses = [{ kind: 'code', staffId: staff.publicId }] as const
  if (!(await mayGuess(db, keyring, guesses))) return ErrorCode.RATE_LIMITED
  const redeemed = await transaction(db, async tx => {
    const kind = await redeemCode(tx, keyring, staff, code)
    if (kind === 'recovery')
      await audit(tx, staffActor(staff, requestId), 'staff.recovery-code-used', staff.publicId)
    return kind
  })
  if (!redeemed) return ErrorCode.CODE_INVALID
  await forgiveGuess(db.manager, keyring, guesses)
  return undefined
}
