// Ticket and code of one download: both derived, so that every retry of the mail that carries them has the same.
import { codeFor } from './code'
import type { Keyring } from './keyring'
import { makeToken, readToken } from './token'

const PURPOSE = 'export'

/** How long a ticket and its code are good for. */
export const DOWNLOAD_HOURS = 24

/** What both are made from. */
interface Made {
  reference: Buffer
  keyId: number
}

/** What stands in the address of the download. Throws MissingKeyError once its key has left the ring. */
export const downloadTicket = (keyring: Keyring, { reference, keyId }: Made): string =>
  makeToken(keyring, PURPOSE, reference, keyId)

/** The reference of a genuine ticket. */
export const readDownloadTicket = (keyring: Keyring, ticket: string): Buffer | undefined =>
  readToken(keyring, PURPOSE, ticket)

/** Six digits; undefined once the key has left the ring. */
export const downloadCode = (keyring: Keyring, { reference, keyId }: Made): string | undefined =>
  codeFor(keyring, keyId, PURPOSE, reference)
