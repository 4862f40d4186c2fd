// The same mail for those who are no product of ours: for smtp-source, and for nodemailer to build once per recipient.
import { randomBytes } from 'node:crypto'
import type { SendMailOptions } from 'nodemailer'
import { renderContent } from '../../src/newsletters/preview'
import { mjml, subject } from './newsletter'

export interface Content {
  subject: string
  html: string
  text: string
}

/** What the product makes of the newsletter, so that everybody sends the same. */
export async function renderSample(): Promise<Content> {
  const facts = {
    siteName: 'We Interrupt',
    postalAddress: 'We Interrupt, 1 Example Street',
    ownHosts: [],
    locales: ['en'],
  }
  const content = { locale: 'en', subject, preheader: 'This week', mjml, text: '' }
  const { html, text } = await renderContent(facts, 'bench', content)
  return { subject, html, text }
}

const fill = (template: string, values: Record<string, string>): string =>
  template.replace(/\{\{(\w+)(?:\|([^}]*))?\}\}/g, (_, tag: string, fallback = '') => values[tag] ?? fallback)

/** One recipient's mail with the headers that the product sends, built the way nodemailer's users do. */
export function mailFor(content: Content, to: string): SendMailOptions {
  const token = randomBytes(33).toString('hex').slice(0, 53)
  const unsubscribe = `http://127.0.0.1:4000/u/${token}`
  const values = {
    topic: 'bench',
    site: 'We Interrupt',
    unsubscribe_url: unsubscribe,
    preferences_url: unsubscribe,
  }
  return {
    from: 'We Interrupt <news@site.example>',
    to,
    subject: fill(content.subject, values),
    html: fill(content.html, values),
    text: fill(content.text, values),
    messageId: `<${token}@site.example>`,
    headers: {
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': 'bench <bench.lists.site.example>',
      'List-Post': 'NO',
      'Feedback-ID': 'campaign:bench:newsletter:sender',
      Precedence: 'bulk',
    },
  }
}
