// Proof that whoever holds a session can still read the address's mail: asked for before more mail, export, erasure and a
// change of address. Logging in does not count as one: its link may have been opened by anybody who found the mail open.
import type { EntityManager } from 'typeorm'
import { ReaderSession } from '../entities/reader-session'
import type { Keyring } from '../secrets/keyring'
import { databaseTime } from '../transaction'
import { redeemCode } from './redeem-code'

const PROOF_MS = 30 * 60_000

/** Whether a mailed code was entered in this session within the last 30 minutes. */
export async function hasFreshProof(db: EntityManager, { provenAt }: ReaderSession): Promise<boolean> {
  return provenAt !== null && (await databaseTime(db)).getTime() - provenAt.getTime() < PROOF_MS
}

/** Uses up the code that was mailed for this session; false when it is not that one, or used, over or tried too often. */
export async function enterProof(
  tx: EntityManager,
  keyring: Keyring,
  session: ReaderSession,
  code: string,
): Promise<boolean> {
  const request = { purpose: 'proof', addressHash: session.addressHash, sessionId: session.id } as const
  if (!(await redeemCode(tx, keyring, request, code))) return false
  session.provenAt = await databaseTime(tx)
  await tx.update(ReaderSession, session.id, { provenAt: session.provenAt })
  return true
}
