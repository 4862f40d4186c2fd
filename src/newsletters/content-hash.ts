import { createHash } from 'node:crypto'
import type { Newsletter } from '../entities/newsletter'
import type { NewsletterContent } from '../entities/newsletter-content'

/** SHA-256 over what would be sent: topic and every locale's texts. Approval and tests name this hash (I14). */
export function contentHash(
  newsletter: Pick<Newsletter, 'topicId'>,
  contents: readonly NewsletterContent[],
): Buffer {
  const texts = [...contents]
    .sort((a, b) => a.locale.localeCompare(b.locale, 'en'))
    .map(one => [one.locale, one.subject, one.preheader, one.mjml, one.text])
  return createHash('sha256')
    .update(JSON.stringify([newsletter.topicId, texts]))
    .digest()
}
