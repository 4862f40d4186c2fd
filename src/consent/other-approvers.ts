// Whether there is a second person to ask (DESIGN §6: with nobody to ask, a second look is a day later).
import { type EntityManager, In, IsNull, Not } from 'typeorm'
import { type StaffRole, StaffUser } from '../entities/staff-user'

/** Somebody else of one of these roles who can log in. */
export const hasOtherApprovers = (
  tx: EntityManager,
  staffId: number,
  roles: readonly StaffRole[],
): Promise<boolean> =>
  tx.existsBy(StaffUser, {
    id: Not(staffId),
    role: In([...roles]),
    disabledAt: IsNull(),
    confirmedAt: Not(IsNull()),
  })
