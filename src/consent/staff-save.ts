// What an admin changes about a staff member. Every session of theirs ends with the commit.
import type { EntityManager } from 'typeorm'
import { type StaffRole, StaffUser } from '../entities/staff-user'
import { databaseTime, select } from '../transaction'
import { revokeKeysOf } from './api-keys'
import { lockStaff } from './staff-password'
import { endStaffSessions } from './staff-session'

export type StaffSaved =
  | {
      kind: 'saved'
      staff: StaffUser
      before: { role: StaffRole; disabled: boolean }
      /** Public ids of the API keys that ended. */
      revokedKeys: string[]
    }
  /** Without an admin nobody could let anybody in any more. */
  | { kind: 'last-admin' }

/**
 * Gives another role, disables, or lets in again. Their sessions end if anything changes, and with the role of an admin the
 * API keys they made.
 */
export async function saveStaff(
  tx: EntityManager,
  id: number,
  { role, disabled }: { role: StaffRole; disabled: boolean },
): Promise<StaffSaved> {
  const admins = await lockAdmins(tx)
  const staff = await lockStaff(tx, id)
  const before = { role: staff.role, disabled: staff.disabledAt !== null }
  if (before.role === role && before.disabled === disabled)
    return { kind: 'saved', staff, before, revokedKeys: [] }
  const stays = role === 'ADMIN' && !disabled
  if (!stays && admins.length === 1 && admins[0] === id) return { kind: 'last-admin' }
  const disabledAt = disabled ? (staff.disabledAt ?? (await databaseTime(tx))) : null
  await tx.update(StaffUser, id, { role, disabledAt })
  await endStaffSessions(tx, id)
  const revokedKeys = stays ? [] : await revokeKeysOf(tx, id)
  return { kind: 'saved', staff: Object.assign(staff, { role, disabledAt }), before, revokedKeys }
}

/** Those who can log in, held, so that two admins cannot take the role from each other. */
async function lockAdmins(tx: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(
    tx,
    `SELECT id FROM staff_user WHERE role = 'ADMIN' AND disabled_at IS NULL AND confirmed_at IS NOT NULL
     ORDER BY id FOR UPDATE`,
  )
  return rows.map(row => row.id)
}
