// Log-ins of staff: opening, finding, ending. Opaque ids, a hash in the database, times by its clock.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import type { SessionTransport } from '../entities/session-transport'
import { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import { hashToken, randomToken } from '../secrets/opaque-token'
import { databaseTime, write } from '../transaction'

/** reliability §4.4: 12 hours absolute. */
const SESSION_MS = 12 * 3_600_000
/** The same: a browser left alone for 30 minutes has to log in again. Scripts that hold a bearer token are not left alone. */
const NOT_IDLE = `(session.transport = 'BEARER' OR session.lastUsedAt > UTC_TIMESTAMP(3) - INTERVAL 30 MINUTE)`
/** For how long an entered password or code counts as fresh. */
const FRESH_MINUTES = 10

/** Opens a session and returns its token, which is shown this once. */
export async function openStaffSession(
  tx: EntityManager,
  staffId: number,
  transport: SessionTransport,
): Promise<{ token: string; session: StaffSession }> {
  const token = randomToken()
  const now = await databaseTime(tx)
  const session = tx.create(StaffSession, {
    tokenHash: hashToken(token),
    publicId: uuidv7(),
    staffId,
    transport,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + SESSION_MS),
    provenAt: now,
  })
  await tx.insert(StaffSession, session)
  await tx.update(StaffUser, staffId, { lastSeenAt: now })
  return { token, session }
}

/** The log-in with this token and who it is; undefined once it ended, ran out or its owner was disabled. */
export async function findStaffSession(
  db: EntityManager,
  tokenHash: Buffer,
): Promise<{ staff: StaffUser; session: StaffSession } | undefined> {
  const session = await liveSessions(db).andWhere('session.tokenHash = :tokenHash', { tokenHash }).getOne()
  const staff = session && (await db.findOneBy(StaffUser, { id: session.staffId }))
  return session && staff && !staff.disabledAt ? { staff, session } : undefined
}

/** The sessions of these staff members that are still good, the latest first. */
export const staffSessionsOf = (db: EntityManager, staffIds: readonly number[]): Promise<StaffSession[]> =>
  liveSessions(db)
    .andWhere('session.staffId IN (:...staffIds)', { staffIds })
    .orderBy('session.lastUsedAt', 'DESC')
    .getMany()

const liveSessions = (db: EntityManager) =>
  db
    .createQueryBuilder(StaffSession, 'session')
    .where('session.expiresAt > UTC_TIMESTAMP(3)')
    .andWhere(NOT_IDLE)

/** Notes that the session is in use: one write a minute, however many requests. */
export const touchStaffSession = (db: EntityManager, { tokenHash }: StaffSession): Promise<number> =>
  write(
    db,
    `UPDATE staff_session SET last_used_at = UTC_TIMESTAMP(3)
     WHERE token_hash = ? AND last_used_at <= UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE`,
    [tokenHash],
  )

/** Whether a password or code was entered in this session within the last 10 minutes. */
export const isFresh = (db: EntityManager, { tokenHash }: StaffSession): Promise<boolean> =>
  db
    .createQueryBuilder(StaffSession, 'session')
    .where('session.tokenHash = :tokenHash', { tokenHash })
    .andWhere(`session.provenAt > UTC_TIMESTAMP(3) - INTERVAL ${FRESH_MINUTES} MINUTE`)
    .getExists()

/** Notes that a password or code was entered just now. */
export const proveStaffSession = (tx: EntityManager, { tokenHash }: StaffSession): Promise<number> =>
  write(tx, 'UPDATE staff_session SET proven_at = UTC_TIMESTAMP(3) WHERE token_hash = ?', [tokenHash])

export const endStaffSession = (tx: EntityManager, { tokenHash }: StaffSession): Promise<number> =>
  write(tx, 'DELETE FROM staff_session WHERE token_hash = ?', [tokenHash])

/** Ends every session of the staff member; the caller holds their row, so that none opens meanwhile. */
export const endStaffSessions = (tx: EntityManager, staffId: number): Promise<number> =>
  write(tx, 'DELETE FROM staff_session WHERE staff_id = ?', [staffId])
