// The first privacy policy of a new site: complete for Art. 13 GDPR from the site's own facts, and it says what the
// software does and nothing else.
import { germanPolicy } from './default-policy.de'
import { englishPolicy } from './default-policy.en'
import type { PolicyText } from './policies'

export interface SiteFacts {
  siteName: string
  contact: string
  postalAddress: string
  minimumAge: number
  /** Who complaints may go to, where the operator has said. */
  supervisoryAuthority: string | undefined
  /** The servers that hand the mail on. */
  smtpServers: readonly { url: string }[]
  sendLogDays: number
  noticeDays: number
  consentProofYears: number
}

/** The facts as the texts use them. */
export interface PolicyFacts extends Omit<SiteFacts, 'smtpServers'> {
  /** Hosts of mail servers, the site's own machine left out. */
  relays: readonly string[]
}

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
