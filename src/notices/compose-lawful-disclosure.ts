import type { EntityManager } from 'typeorm'
import { openReader } from '../consent/readers'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import type { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import type { Keyring } from '../secrets/keyring'
import type { NoticeFacts, NoticeMail } from './compose'
import { lawfulDisclosureMail } from './lawful-disclosure-mail'

/** Undefined when the reader was erased meanwhile. */
export async function composeLawfulDisclosure(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  { siteName, postalAddress, contact }: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const disclosure = await db.findOneBy(LawfulDisclosure, { noticeId: notice.id })
  const reader = disclosure && (await db.findOneBy(Reader, { id: disclosure.readerId }))
  const person = reader && openReader(keyring, reader)
  if (!disclosure?.handedOutAt || !person) return undefined
  const { authority, basis, fileNumber, scope, handedOutAt: at } = disclosure
  const sheet = { locale: notice.locale, siteName, postalAddress, contact }
  return { to: person.email, ...lawfulDisclosureMail({ ...sheet, authority, basis, fileNumber, scope, at }) }
}
