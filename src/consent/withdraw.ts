// Taking a yes back. Its commit is the barrier: no gate for it passes afterwards (I4). It needs MariaDB alone.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { skipQueued } from '../deliveries/skip-queued'
import { ConsentMethod, type ConsentSurface } from '../entities/consent-event'
import { SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { databaseTime } from '../transaction'
import { type ConsentFact, recordFacts } from './ledger'
import { touchReader } from './readers'
import { readStanding, type Standing } from './standing'

export interface Withdrawal {
  readerId: number
  /** One purpose, or everything this site may send. */
  scope: { purposeId: number } | 'all'
  surface: ConsentSurface
  method: ConsentMethod
  /** The newsletter whose link was used, if one was. */
  newsletterId: number | null
  /** Who acted: the reader, or for them the staff role. */
  actor?: 'READER' | 'ADMIN'
  /** What taking everything back leaves behind; an erasure says so. */
  suppressAs?: SuppressionReason.UNSUBSCRIBED_ALL | SuppressionReason.ERASED
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
  const { readerId, scope, newsletterId, suppressAs = SuppressionReason.UNSUBSCRIBED_ALL } = withdrawal
  const purposeId = scope === 'all' ? undefined : scope.purposeId
  if (!(await touchReader(tx, readerId))) return { alreadyPassed: [] }
  const { reader, ...ledger } = await readStanding(tx, readerId, purposeId)
  const facts = ledger.consents.map(consent => withdrawnFact(consent, withdrawal))
  await recordFacts(tx, reader, ledger, facts)
  if (scope === 'all') await suppressAll(tx, reader, newsletterId, suppressAs)
  const reason = scope === 'all' ? skipReasons[suppressAs] : SkipReason.CONSENT_WITHDRAWN
  return { alreadyPassed: await skipQueued(tx, reader, purposeId, reason) }
}

const skipReasons = {
  UNSUBSCRIBED_ALL: SkipReason.SUPPRESSED_UNSUBSCRIBED,
  ERASED: SkipReason.ERASED,
}

function withdrawnFact(consent: Standing, withdrawal: Withdrawal): ConsentFact {
  const { purposeId, purposeVersionId, policyVersionId, policyNumber, wordingHash, policyHash } = consent
  if (!wordingHash || !policyHash) throw new Error('A consent names words that do not exist')
  return {
    purposeId,
    purposeVersionId,
    wordingHash,
    policyVersionId,
    policyNumber,
    policyHash,
    toState: 'ConsentWithdrawn',
    surface: withdrawal.surface,
    method: withdrawal.method,
    actor: withdrawal.actor ?? 'READER',
    at: consent.now,
    evidence: linkEvidence(withdrawal),
  }
}

const linkEvidence = ({ newsletterId, replayOf }: Withdrawal): ConsentFact['evidence'] => ({
  ...(newsletterId === null ? {} : { newsletter: newsletterId }),
  ...(replayOf ? { replayOf: replayOf.toISOString() } : {}),
})

/** Leaving everything also keeps imports out; only the person's own new confirmation lifts it (DESIGN §2). */
async function suppressAll(
  tx: EntityManager,
  reader: Pick<Reader, 'addressHash'>,
  newsletterId: number | null,
  reason: SuppressionReason,
): Promise<void> {
  if (!reader.addressHash) return
  const createdAt = await databaseTime(tx)
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
