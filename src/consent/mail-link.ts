// What the two links in the footer of every mail stand for. They never expire and only ever reduce mail.
import type { EntityManager } from 'typeorm'
import type { Reader } from '../entities/reader'
import type { Site } from '../entities/site'
import type { Keyring } from '../secrets/keyring'
import { joinReference, splitReference } from '../secrets/mail-reference'
import { makeToken, readToken } from '../secrets/token'
import { select } from '../transaction'

type LinkedReader = Pick<Reader, 'id' | 'reference' | 'locale' | 'emailSealed' | 'nameSealed' | 'keyId'>

export type MailLink =
  | {
      kind: 'found'
      reader: LinkedReader
      newsletterId: number
      newsletterReference: Buffer
      purposeId: number
      /** What the topic is called now, by locale. */
      titles: ReadonlyMap<string, string>
      site: SiteWords
    }
  /** Genuine, but the person or the newsletter is gone: there is nothing left to take back. */
  | { kind: 'gone' }
  | { kind: 'invalid' }

type SiteWords = Pick<Site, 'name' | 'locales'>

/** The preferences link of the same mail. */
export const preferencesToken = (keyring: Keyring, link: Extract<MailLink, { kind: 'found' }>): string =>
  makeToken(keyring, 'preferences', joinReference(link.newsletterReference, link.reader.reference))

/** One for each locale of the topic's words. */
interface Row extends LinkedReader {
  newsletterId: number
  newsletterReference: Buffer
  purposeId: number
  titleLocale: string
  title: string
  siteName: string
  siteLocales: string
}

/** Reads the link; changes nothing. One statement: whoever clicked waits for each. */
export const readUnsubscribeLink = (db: EntityManager, keyring: Keyring, token: string): Promise<MailLink> =>
  linked(db, readToken(keyring, 'unsubscribe', token))

/** The same of the link to the preferences. */
export const readPreferencesLink = (db: EntityManager, keyring: Keyring, token: string): Promise<MailLink> =>
  linked(db, readToken(keyring, 'preferences', token))

/** Either of them. */
export const readMailLink = (db: EntityManager, keyring: Keyring, token: string): Promise<MailLink> =>
  linked(db, readToken(keyring, 'unsubscribe', token) ?? readToken(keyring, 'preferences', token))

async function linked(db: EntityManager, reference: Buffer | undefined): Promise<MailLink> {
  if (!reference) return { kind: 'invalid' }
  const parts = splitReference(reference)
  const rows = await select<Row>(
    db,
    `SELECT r.id, r.reference, r.locale, r.email_sealed AS emailSealed, r.name_sealed AS nameSealed,
       r.key_id AS keyId, n.id AS newsletterId,
       n.reference AS newsletterReference, t.purpose_id AS purposeId, w.locale AS titleLocale, w.title,
       s.name AS siteName, s.locales AS siteLocales
     FROM newsletter n JOIN topic t ON t.id = n.topic_id JOIN reader r ON r.reference = ?
       JOIN site s ON s.id = 1
       LEFT JOIN purpose p ON p.id = t.purpose_id
       LEFT JOIN purpose_version w ON w.purpose_id = p.id AND w.version = p.current_version
     WHERE n.reference = ?`,
    [parts.reader, parts.newsletter],
  )
  const [reader] = rows
  if (!reader) return { kind: 'gone' }
  const { newsletterId, newsletterReference, purposeId } = reader
  const site = { name: reader.siteName, locales: reader.siteLocales }
  const titles = new Map(rows.map(row => [row.titleLocale, row.title]))
  return { kind: 'found', reader, newsletterId, newsletterReference, purposeId, titles, site }
}
