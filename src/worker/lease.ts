import type { EntityManager } from 'typeorm'
import { write } from '../transaction'

/** Takes or lengthens the lease of a singleton role, by the database clock; true for the one holder. */
export async function takeLease(
  db: EntityManager,
  role: string,
  holder: string,
  leaseMs: number,
): Promise<boolean> {
  await write(db, "INSERT IGNORE INTO lease (role, holder, until) VALUES (?, '', UTC_TIMESTAMP(3))", [role])
  const taken = await write(
    db,
    `UPDATE lease SET holder = ?, until = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
     WHERE role = ? AND (holder = ? OR until <= UTC_TIMESTAMP(3))`,
    [holder, leaseMs * 1000, role, holder],
  )
  return taken === 1
}
