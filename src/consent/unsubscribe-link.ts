// What an unsubscribe link in a mail stands for. It never expires and only ever reduces mail.
import type { EntityManager } from 'typeorm'
import { Newsletter } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { Topic } from '../entities/topic'
import type { Keyring } from '../secrets/keyring'
import { splitReference } from '../secrets/mail-reference'
import { readToken } from '../secrets/token'

export type UnsubscribeLink =
  | { kind: 'found'; reader: Reader; newsletter: Newsletter; topic: Topic }
  /** Genuine, but the person or the newsletter is gone: there is nothing left to take back. */
  | { kind: 'gone' }
  | { kind: 'invalid' }

/** Reads the link; changes nothing. */
export async function readUnsubscribeLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
): Promise<UnsubscribeLink> {
  const reference = readToken(keyring, 'unsubscribe', token)
  if (!reference) return { kind: 'invalid' }
  const parts = splitReference(reference)
  const newsletter = await db.findOneBy(Newsletter, { reference: parts.newsletter })
  const reader = await db.findOneBy(Reader, { reference: parts.reader })
  const topic = newsletter && (await db.findOneBy(Topic, { id: newsletter.topicId }))
  return newsletter && reader && topic ? { kind: 'found', reader, newsletter, topic } : { kind: 'gone' }
}
