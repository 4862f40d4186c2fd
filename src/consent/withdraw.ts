// Taking a yes back. Its commit is the barrier: no gate for it passes afterwards (I4). It needs MariaDB alone.
import { type EntityManager, In } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { skipQueued } from '../deliveries/skip-queued'
import { Consent } from '../entities/consent'
import { ConsentMethod, type ConsentSurface } from '../entities/consent-event'
import { SkipReason } from '../entities/delivery'
import { PolicyVersion } from '../entities/policy-version'
import { PurposeVersion } from '../entities/purpose-version'
import type { Reader } from '../entities/reader'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { databaseTime } from '../transaction'
import { type ConsentFact, isSendable, recordFacts } from './ledger'
import { lockReader, touchReader } from './readers'

export interface Withdrawal {
  readerId: number
  /** One purpose, or everything this site may send. */
  scope: { purposeId: number } | 'all'
  surface: ConsentSurface
  method: ConsentMethod
  /** The newsletter whose link was used, if one was. */
  newsletterId: number | null
  /** Set by a replay after a restore: when the reader took it back. */
  replayOf?: Date
}

/**
 * Withdraws, and answers with the deliveries that had already passed their gate (`alreadyPassed`). Repeating it changes
 * nothing more. Works for erased readers too: there is nothing left to withdraw.
 */
export async function withdraw(
  tx: EntityManager,
  withdrawal: Withdrawal,
): Promise<{ alreadyPassed: string[] }> {
  const reader = await lockReader(tx, withdrawal.readerId)
  if (!reader) return { alreadyPassed: [] }
  const consents = await tx.findBy(Consent, {
    readerId: reader.id,
    ...(withdrawal.scope === 'all' ? {} : { purposeId: withdrawal.scope.purposeId }),
  })
  const standing = consents.filter(consent => isSendable(consent.state))
  const at = await databaseTime(tx)
  await recordFacts(tx, reader, await withdrawnFacts(tx, standing, withdrawal, at))
  if (withdrawal.scope === 'all') await suppressAll(tx, reader, withdrawal.newsletterId, at)
  await touchReader(tx, reader)
  return {
    alreadyPassed: await skipQueued(
      tx,
      reader,
      withdrawal.scope === 'all' ? undefined : withdrawal.scope.purposeId,
      withdrawal.scope === 'all' ? SkipReason.SUPPRESSED_UNSUBSCRIBED : SkipReason.CONSENT_WITHDRAWN,
    ),
  }
}

async function withdrawnFacts(
  tx: EntityManager,
  standing: readonly Consent[],
  withdrawal: Withdrawal,
  at: Date,
): Promise<ConsentFact[]> {
  const versions = await tx.findBy(PurposeVersion, { id: In(standing.map(one => one.purposeVersionId)) })
  const policies = await tx.findBy(PolicyVersion, { id: In(standing.map(one => one.policyVersionId)) })
  return standing.flatMap(consent => {
    const words = versions.find(version => version.id === consent.purposeVersionId)
    const policy = policies.find(version => version.id === consent.policyVersionId)
    if (!words || !policy) throw new Error('A consent names words that do not exist')
    return {
      purposeId: consent.purposeId,
      purposeVersionId: words.id,
      wordingHash: words.wordingHash,
      policyVersionId: policy.id,
      policyNumber: policy.number,
      policyHash: policy.hash,
      toState: 'ConsentWithdrawn' as const,
      surface: withdrawal.surface,
      method: withdrawal.method,
      actor: 'READER',
      at,
      evidence: linkEvidence(withdrawal),
    }
  })
}

const linkEvidence = ({ newsletterId, replayOf }: Withdrawal): ConsentFact['evidence'] => ({
  ...(newsletterId === null ? {} : { newsletter: newsletterId }),
  ...(replayOf ? { replayOf: replayOf.toISOString() } : {}),
})

/** Leaving everything also keeps imports out; only the person's own new confirmation lifts it (DESIGN §2). */
async function suppressAll(
  tx: EntityManager,
  reader: Reader,
  newsletterId: number | null,
  createdAt: Date,
): Promise<void> {
  if (!reader.addressHash) return
  const reason = SuppressionReason.UNSUBSCRIBED_ALL
  const key = { addressHash: reader.addressHash, reason }
  // Said again: links mailed in between are outdated too.
  if (await tx.existsBy(Suppression, key)) return void (await tx.update(Suppression, key, { createdAt }))
  await tx.insert(Suppression, {
    publicId: uuidv7(),
    addressHash: reader.addressHash,
    reason,
    newsletterId,
    note: null,
    createdAt,
  })
}
