import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { clickPurpose } from '../consent/click-counting'
import { NewsletterLink } from '../entities/newsletter-link'
import { countableLinks } from '../mail/render-counted-links'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const LENGTH = 12

/** Keeps where the links of a newsletter lead, each under one random name; none while counting is off. At its start. */
export async function keepLinks(
  tx: EntityManager,
  newsletterId: number,
  htmls: readonly string[],
): Promise<void> {
  if (!(await clickPurpose(tx))) return
  const urls = [...new Set(htmls.flatMap(countableLinks))]
  if (urls.length === 0) return
  await tx.insert(
    NewsletterLink,
    urls.map(url => ({ id: randomName(), newsletterId, url })),
  )
}

/** Letters alone: in the counters it looks like nobody's number. */
const randomName = (): string => [...randomBytes(LENGTH)].map(byte => LETTERS[byte % LETTERS.length]).join('')
