// A yes said by a reader who is logged in. What makes it one is the code that was mailed to the address and entered lately.
import { type EntityManager, In, MoreThan } from 'typeorm'
import type { Consent } from '../entities/consent'
import type { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import type { PolicyVersion } from '../entities/policy-version'
import { PurposeVersion } from '../entities/purpose-version'
import type { RegisteredDecision } from '../entities/registration'
import { Suppression } from '../entities/suppression'
import { databaseTime } from '../transaction'
import { BLOCKING, LIFTED } from './confirm'
import { type CodeProof, isFresh } from './fresh-proof'
import { type ConsentFact, readLedger, recordFacts } from './ledger'
import { isSendable } from './proof'
import { lockPurposes } from './purposes'
import { changed, type ReaderChange } from './reader-change'
import { lockReader, touchReader } from './readers'

export interface Yes {
  /** In the words and under the policy that are in force now. */
  decisions: readonly RegisteredDecision[]
  policy: PolicyVersion
  surface: ConsentSurface
  method: ConsentMethod
  locale: string
}

/**
 * Gives consent. A yes that already stands in the same words under the same policy stays as it is and needs no proof;
 * every other one does. A code entered after the person stopped everything lifts that, as a new confirmation would.
 */
export async function giveConsent(
  tx: EntityManager,
  readerId: number,
  yes: Yes,
  proof: CodeProof | undefined,
): Promise<ReaderChange> {
  const reader = await lockReader(tx, readerId)
  if (!reader?.addressHash) return { kind: 'not-standing' }
  const words = await tx.findBy(PurposeVersion, { id: In(yes.decisions.map(one => one.purposeVersionId)) })
  await lockPurposes(
    tx,
    yes.decisions.map(one => one.purposeId),
    'pessimistic_read',
  )
  const at = await databaseTime(tx)
  const ledger = await readLedger(tx, reader)
  const agreed = await wordsOf(tx, ledger.consents)
  const fresh = words.filter(word => !stands(word, yes.policy, ledger.consents, agreed, at))
  if (fresh.length === 0) return changed()
  if (!isFresh(proof, at)) return { kind: 'needs-proof' }
  const refusal = await liftSuppression(tx, reader.addressHash, proof)
  if (refusal) return refusal
  await touchReader(tx, reader.id)
  await recordFacts(
    tx,
    reader,
    ledger,
    fresh.map(word => givenFact(word, yes, ledger.consents, proof, at)),
  )
  return changed()
}

async function wordsOf(
  tx: EntityManager,
  consents: readonly Consent[],
): Promise<ReadonlyMap<number, PurposeVersion>> {
  const rows = await tx.findBy(PurposeVersion, { id: In(consents.map(one => one.purposeVersionId)) })
  return new Map(rows.map(row => [row.id, row]))
}

/** Whether the same was said before, in whatever language. */
function stands(
  word: PurposeVersion,
  policy: PolicyVersion,
  consents: readonly Consent[],
  agreed: ReadonlyMap<number, PurposeVersion>,
  at: Date,
): boolean {
  const consent = consents.find(one => one.purposeId === word.purposeId)
  if (!consent || !isSendable(consent.state) || !consent.expiresAt || consent.expiresAt <= at) return false
  return (
    consent.policyNumber === policy.number && agreed.get(consent.purposeVersionId)?.version === word.version
  )
}

/** Undefined: nothing is in the way any more. */
async function liftSuppression(
  tx: EntityManager,
  addressHash: Buffer,
  { provedAt }: CodeProof,
): Promise<ReaderChange | undefined> {
  if (await tx.existsBy(Suppression, { addressHash, reason: In(BLOCKING) })) return { kind: 'suppressed' }
  const left = { addressHash, reason: In(LIFTED) }
  // Stopped after the code was entered: coming back takes a new one.
  if (await tx.existsBy(Suppression, { ...left, createdAt: MoreThan(provedAt) }))
    return { kind: 'needs-proof' }
  await tx.delete(Suppression, left)
  return undefined
}

function givenFact(
  word: PurposeVersion,
  { policy, surface, method, locale }: Yes,
  consents: readonly Consent[],
  proof: CodeProof,
  at: Date,
): ConsentFact {
  const state = consents.find(one => one.purposeId === word.purposeId)?.state
  return {
    purposeId: word.purposeId,
    purposeVersionId: word.id,
    wordingHash: word.wordingHash,
    policyVersionId: policy.id,
    policyNumber: policy.number,
    policyHash: policy.hash,
    toState: isSendable(state) ? 'RenewedConsentGiven' : 'ConsentGiven',
    surface,
    method,
    actor: 'READER',
    at,
    evidence: { locale },
    proof,
  }
}
