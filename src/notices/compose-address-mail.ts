import type { EntityManager } from 'typeorm'
import { addressOf, CHANGE_HOURS } from '../consent/change-address'
import { EmailChange } from '../entities/email-change'
import type { Notice } from '../entities/notice'
import type { Keyring } from '../secrets/keyring'
import { makeToken } from '../secrets/token'
import { addressMail } from './address-mail'
import type { NoticeFacts, NoticeMail } from './compose'

/** Undefined when the wish was replaced by a later one, or is over. */
export async function composeAddressMail(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const change = await db.findOneBy(EmailChange, { noticeId: notice.id })
  const kind = notice.kind === 'email-change' ? 'new' : 'old'
  const to = change && addressOf(keyring, change, kind)
  if (!to) return undefined
  const token = makeToken(keyring, 'email-change', change.reference, change.keyId)
  const mail = addressMail({
    locale: notice.locale,
    siteName: facts.siteName,
    postalAddress: facts.postalAddress,
    contact: facts.contact,
    kind,
    url: kind === 'new' ? new URL(`/e/${token}`, facts.publicUrl).href : undefined,
    hours: CHANGE_HOURS,
  })
  return { to, ...mail }
}
