// Proof that whoever holds a session can still read the address's mail: asked for before more mail, export, erasure and a
// change of address. Logging in does not count as one: its link may have been opened by anybody who found the mail open.
import type { EntityManager } from 'typeorm'
import { ReaderSession } from '../entities/reader-session'
import type { Keyring } from '../secrets/keyring'
import { databaseTime } from '../transaction'
import type { Proof } from './proof'
import { redeemCode } from './redeem-code'

export type CodeProof = Extract<Proof, { kind: 'CODE' }>

const PROOF_MS = 30 * 60_000

/** Whether a mailed code was entered in this session within the last 30 minutes. */
export async function hasFreshProof(db: EntityManager, session: ReaderSession): Promise<boolean> {
  return isFresh(codeProof(session), await databaseTime(db))
}

/** Whether the code was entered so lately that it counts for an act at this moment. */
export const isFresh = (proof: CodeProof | undefined, at: Date): proof is CodeProof =>
  proof !== undefined && at.getTime() - proof.provedAt.getTime() < PROOF_MS

/** Uses up the code that was mailed for this session; false when it is not that one, or used, over or tried too often. */
export async function enterProof(
  tx: EntityManager,
  keyring: Keyring,
  session: ReaderSession,
  code: string,
): Promise<boolean> {
  const request = { purpose: 'proof', addressHash: session.addressHash, sessionId: session.id } as const
  const provenBy = await redeemCode(tx, keyring, request, code)
  if (!provenBy) return false
  const proof = { provenAt: await databaseTime(tx), provenBy }
  await tx.update(ReaderSession, session.id, proof)
  Object.assign(session, proof)
  return true
}

/** What a yes given in this session names as its proof; undefined when no code was entered in it. Says nothing of its age. */
export const codeProof = ({ provenAt, provenBy }: ReaderSession): CodeProof | undefined =>
  provenAt && provenBy ? { kind: 'CODE', code: provenBy.toString('hex'), provedAt: provenAt } : undefined
