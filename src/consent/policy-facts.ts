/** What the first policy of a site is written from. */
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
