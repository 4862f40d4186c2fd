// The mailed links by which staff choose a password. Nothing is stored for them: a link is the MAC over its notice's id,
// and is void once a password was chosen after that mail was asked for. So it is good once, and a new password ends all.
import type { EntityManager } from 'typeorm'
import type { Notice, NoticeKind } from '../entities/notice'
import type { StaffUser } from '../entities/staff-user'
import type { Keyring } from '../secrets/keyring'
import { makeToken, readToken } from '../secrets/token'
import { select } from '../transaction'
import { lockStaff, setPassword } from './staff-password'

export type StaffLinkKind = Extract<NoticeKind, 'staff-invitation' | 'staff-reset'>

/** DESIGN §6: links that let somebody in live 30 minutes; an invitation as long as a confirmation. */
export const LINK_MINUTES: Record<StaffLinkKind, number> = {
  'staff-invitation': 72 * 60,
  'staff-reset': 30,
}
const MAX_A_DAY = 5

export const isStaffLink = (kind: NoticeKind): kind is StaffLinkKind => kind in LINK_MINUTES

/** The token of the link this notice mails: the same on every retry. */
export const staffLinkToken = (keyring: Keyring, { publicId }: Notice): string =>
  makeToken(keyring, 'staff-password', Buffer.from(publicId.replaceAll('-', ''), 'hex'))

/** Whom the link lets in: its id; undefined for a link that is forged, old, used, or of somebody who is disabled. */
export async function staffOfLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
): Promise<number | undefined> {
  const noticeId = readToken(keyring, 'staff-password', token)?.toString('hex')
  return noticeId ? staffOfNotice(db, 'public_id', asUuid(noticeId)) : undefined
}

/** Whom a link of this notice would let in now: an invitation those who have no password yet, a reset those who have one. */
export async function staffOfNotice(
  db: EntityManager,
  column: 'id' | 'public_id',
  value: number | string,
): Promise<number | undefined> {
  const [row] = await select<{ id: number }>(
    db,
    `SELECT staff.id FROM notice JOIN staff_user staff ON staff.address_hash = notice.address_hash
     WHERE notice.${column} = ? AND staff.disabled_at IS NULL
       AND (staff.password_changed_at IS NULL OR staff.password_changed_at < notice.created_at)
       AND notice.created_at > UTC_TIMESTAMP(3) - INTERVAL
         CASE notice.kind WHEN 'staff-invitation' THEN ? WHEN 'staff-reset' THEN ? ELSE 0 END MINUTE
       AND (staff.confirmed_at IS NULL) = (notice.kind = 'staff-invitation')`,
    [value, LINK_MINUTES['staff-invitation'], LINK_MINUTES['staff-reset']],
  )
  return row?.id
}

const asUuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** Chooses the password by the link, once; undefined when the link is good for nothing (any more). */
export async function setPasswordByLink(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
  passwordHash: string,
): Promise<StaffUser | undefined> {
  const id = await staffOfLink(tx, keyring, token)
  const staff = id === undefined ? undefined : await lockStaff(tx, id)
  // Asked again under the lock: of two at once only one is in time.
  if (!staff || (await staffOfLink(tx, keyring, token)) !== id) return undefined
  await setPassword(tx, staff, passwordHash)
  return staff
}

/** Why a link is not mailed. Whether the address is one of staff is looked at here, so that asking tells nothing (I11). */
export async function staffLinkRefusal(
  tx: EntityManager,
  { id, addressHash, kind }: Notice,
): Promise<'NO_REQUEST' | 'BUDGET' | undefined> {
  if ((await staffOfNotice(tx, 'id', id)) === undefined) return 'NO_REQUEST'
  const mailed = await select(
    tx,
    `SELECT 1 FROM notice WHERE address_hash = ? AND kind = ? AND id <> ?
       AND state IN ('sending', 'sent', 'unknown') AND at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY`,
    [addressHash, kind, id],
  )
  return mailed.length < MAX_A_DAY ? undefined : 'BUDGET'
}
