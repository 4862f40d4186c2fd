// Readers have no password: who can read the address's mail is its owner.
import type { EntityManager } from 'typeorm'
import type { Reader } from '../entities/reader'
import type { Keyring } from '../secrets/keyring'
import { lockReaderByAddress } from './readers'
import { redeemCode, redeemLoginLink } from './redeem-code'

export type LoggedIn = { kind: 'reader'; reader: Reader } | { kind: 'invalid' | 'used' | 'expired' }

/** Uses up the mailed code. The reader's row stays locked, so that an erasure comes before the log-in or ends it. */
export async function logInWithCode(
  tx: EntityManager,
  keyring: Keyring,
  addressHash: Buffer,
  code: string,
): Promise<LoggedIn> {
  const request = { purpose: 'login', addressHash, sessionId: null } as const
  if (!(await redeemCode(tx, keyring, request, code))) return { kind: 'invalid' }
  const reader = await lockReaderByAddress(tx, addressHash)
  return reader ? { kind: 'reader', reader } : { kind: 'invalid' }
}

/** The same by the link of the mail, on whatever device it is opened. */
export async function logInWithLink(tx: EntityManager, keyring: Keyring, token: string): Promise<LoggedIn> {
  const link = await redeemLoginLink(tx, keyring, token)
  if (link.kind !== 'open') return link
  const reader = await lockReaderByAddress(tx, link.code.addressHash)
  return reader ? { kind: 'reader', reader } : { kind: 'expired' }
}
