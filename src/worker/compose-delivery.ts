// One reader's message: the newsletter's encoded body with this reader's values, and nobody else's (I13).
import { openReader } from '../consent/readers'
import { composeNewsletterMessage, type Message } from '../mail/message'
import { joinReference } from '../secrets/mail-reference'
import { makeToken } from '../secrets/token'
import type { WorkerContext } from './context'
import type { DeliveryRow } from './load-deliveries'
import type { NewsletterMail } from './load-newsletter'

/** Throws when there is nothing to compose from, or a value does not fit a header: the row is then skipped. */
export function composeDelivery(
  { keyring, config }: WorkerContext,
  mail: NewsletterMail,
  row: DeliveryRow,
): Message {
  const person = openReader(keyring, row)
  const rendition = mail.renditions.get(row.locale) ?? mail.renditions.values().next().value
  if (!person || !rendition) throw new Error('Nothing to compose from')
  const reference = joinReference(mail.newsletter.reference, row.reference)
  const unsubscribe = new URL(`/u/${makeToken(keyring, 'unsubscribe', reference)}`, config.publicUrl)
  return composeNewsletterMessage({
    siteName: config.siteName,
    mailFrom: config.mailFrom,
    bounceDomain: config.bounceDomain,
    to: person.email,
    token: makeToken(keyring, 'delivery', reference),
    date: new Date(),
    subject: rendition.subject,
    body: rendition.body,
    values: {
      // Personalisation is its own purpose: without a yes to it the mail is the same for everyone (P5).
      name: row.isPersonal ? (person.name ?? undefined) : undefined,
      site: config.siteName,
      topic: mail.topic.title,
      unsubscribe_url: unsubscribe.href,
    },
    topic: mail.topic,
    newsletter: mail.newsletter.publicId,
    senderId: mail.senderId,
  })
}
