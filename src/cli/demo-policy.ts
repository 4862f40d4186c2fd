// The demo site's second privacy policy: a material change, so that mail under the first one stops until it is renewed.
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { defaultPolicy } from '../consent/default-policy'
import { publishPolicy } from '../consent/policies'
import { transaction } from '../transaction'

const added: Record<string, string> = {
  en: `
## Your name in our mails
New in this version: if you allow it, we greet you by name. That is a purpose of its own; without your yes everybody
gets the same mail.
`,
  de: `
## Ihr Name in unseren Mails
Neu in dieser Fassung: Wenn Sie es erlauben, sprechen wir Sie mit Namen an. Das ist ein eigener Zweck; ohne Ihr Ja
bekommen alle dieselbe Mail.
`,
}

const summaries: Record<string, string> = {
  en: 'Greeting readers by name.',
  de: 'Die Anrede mit Namen.',
}

/** Publishes it as of `effectiveAt`; returns its number. */
export function publishDemoPolicy(db: DataSource, config: Config, effectiveAt: Date): Promise<number> {
  const texts = defaultPolicy({ ...config, contact: config.siteContact })
    .filter(text => config.locales.includes(text.locale))
    .map(text => ({
      ...text,
      markdown: text.markdown + (added[text.locale] ?? ''),
      changeSummary: summaries[text.locale],
    }))
  return transaction(db, tx => publishPolicy(tx, texts, { effectiveAt, requiresReconsent: true }))
}
