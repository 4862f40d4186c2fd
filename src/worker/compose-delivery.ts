// One reader's message: the prepared newsletter with this reader's values, and nobody else's (I13).
import { openReader } from '../consent/readers'
import type { Newsletter } from '../entities/newsletter'
import { HeaderError } from '../mail/header'
import { composeNewsletterMessage, type Message } from '../mail/message'
import { joinReference } from '../secrets/mail-reference'
import { makeToken } from '../secrets/token'
import type { WorkerContext } from './context'
import type { DeliveryRow } from './load-deliveries'
import type { NewsletterMail } from './load-newsletter'

/**
 * Throws (or rejects) when there is nothing to compose from, or a value does not fit a header: the row is then
 * skipped. A promise only where messages are signed.
 */
export function composeDelivery(
  { keyring, signer }: Pick<WorkerContext, 'keyring' | 'signer'>,
  mail: Pick<NewsletterMail, 'renditions' | 'counted'> & {
    newsletter: Pick<Newsletter, 'reference' | 'tokenKeyId'>
  },
  row: Pick<
    DeliveryRow,
    'reference' | 'emailSealed' | 'nameSealed' | 'keyId' | 'isPersonal' | 'isCounted' | 'locale'
  >,
): Message | Promise<Message> {
  // Personalisation is its own purpose: without a yes to it the mail is the same for everyone (P5).
  const { reference: readerReference, emailSealed, keyId } = row
  const nameSealed = row.isPersonal ? row.nameSealed : null
  const person = openReader(keyring, { reference: readerReference, emailSealed, nameSealed, keyId })
  const renditions = row.isCounted && mail.counted ? mail.counted.renditions : mail.renditions
  const prepared = renditions.get(row.locale) ?? renditions.values().next().value
  if (prepared instanceof HeaderError) throw prepared
  if (!person || !prepared) throw new Error('Nothing to compose from')
  const reference = joinReference(mail.newsletter.reference, readerReference)
  const tokenKeyId = mail.newsletter.tokenKeyId ?? undefined
  const reader = {
    to: person.email,
    token: makeToken(keyring, 'delivery', reference, tokenKeyId),
    date: new Date(),
    name: person.name ?? undefined,
    unsubscribeToken: makeToken(keyring, 'unsubscribe', reference, tokenKeyId),
    preferencesToken: makeToken(keyring, 'preferences', reference, tokenKeyId),
  }
  return composeNewsletterMessage(prepared, reader, signer)
}
