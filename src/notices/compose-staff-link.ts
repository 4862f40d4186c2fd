import type { EntityManager } from 'typeorm'
import { openStaff } from '../consent/staff'
import { isStaffLink, LINK_MINUTES, staffLinkToken, staffOfNotice } from '../consent/staff-link'
import type { Notice } from '../entities/notice'
import { StaffUser } from '../entities/staff-user'
import type { Keyring } from '../secrets/keyring'
import type { NoticeFacts, NoticeMail } from './compose'
import { staffLinkMail } from './staff-link-mail'

/** Undefined when the address is of nobody whom the link would let in. */
export async function composeStaffLink(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const id = await staffOfNotice(db, 'id', notice.id)
  if (id === undefined || !isStaffLink(notice.kind)) return undefined
  const staff = await db.findOneByOrFail(StaffUser, { id })
  const mail = staffLinkMail({
    locale: notice.locale,
    siteName: facts.siteName,
    postalAddress: facts.postalAddress,
    contact: facts.contact,
    kind: notice.kind === 'staff-invitation' ? 'invitation' : 'reset',
    url: new URL(`/s/${staffLinkToken(keyring, notice)}`, facts.publicUrl).href,
    minutes: LINK_MINUTES[notice.kind],
  })
  return { to: openStaff(keyring, staff).email, ...mail }
}
