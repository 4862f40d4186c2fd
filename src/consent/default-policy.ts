// The first privacy policy of a new site: complete for Art. 13 GDPR from the site's own facts, and it says what the
// software does and nothing else.
import { germanPolicy } from './default-policy.de'
import { englishPolicy } from './default-policy.en'
import type { PolicyText } from './policies'
import type { SiteFacts } from './policy-facts'

const OWN = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** English and German, Markdown. */
export function defaultPolicy({ smtpServers, ...facts }: SiteFacts): PolicyText[] {
  const hosts = smtpServers.map(({ url }) => new URL(url).hostname).filter(host => !OWN.test(host))
  const all = { ...facts, relays: [...new Set(hosts)] }
  return [
    { locale: 'en', title: 'Privacy policy', markdown: englishPolicy(all) },
    { locale: 'de', title: 'Datenschutzerklärung', markdown: germanPolicy(all) },
  ]
}
