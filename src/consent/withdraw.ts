// Taking a yes back. Its commit is the barrier: no gate for it passes afterwards (I4). It needs MariaDB alone.
import type { DataSource, EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { skipStatements } from '../deliveries/skip-queued'
import { passedOf, underWayOf, underWayStatement } from '../deliveries/under-way-for'
import { ConsentMethod, type ConsentSurface } from '../entities/consent-event'
import { SkipReason } from '../entities/delivery'
import type { Reader } from '../entities/reader'
import { SuppressionReason } from '../entities/suppression'
import { COMMIT, inPackets, oneByOne, type Packets, type Send, START, type Statement } from '../packets'
import { type ConsentFact, recordStatements } from './ledger'
import { touchStatement } from './readers'
import { type Standing, standingOf, standingStatement } from './standing'

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

export interface Withdrawn {
  /** The deliveries that had passed their gate before. */
  alreadyPassed: string[]
}

/**
 * Withdraws. Repeating it changes nothing more. Works for erased readers too: there is nothing left to withdraw.
 */
export const withdraw = (tx: EntityManager, withdrawal: Withdrawal): Promise<Withdrawn> =>
  takeBack(oneByOne(tx), tx.connection, withdrawal, { first: [], last: [] })

/**
 * The same as a transaction of its own, in two round trips: what many do at once while a newsletter goes out. When it
 * answers, it is committed; on an error it may have been, and is repeated safely. `db` tells how tables are written.
 */
export const withdrawAtOnce = (
  packets: Packets,
  db: DataSource,
  withdrawal: Withdrawal,
): Promise<Withdrawn> =>
  inPackets(packets, send => takeBack(send, db, withdrawal, { first: [START], last: [COMMIT] }))

/** The reader's row is locked before anything is read, and by a write: on Galera a lock alone is not seen elsewhere. */
async function takeBack(
  send: Send,
  db: DataSource,
  withdrawal: Withdrawal,
  { first, last }: { first: readonly Statement[]; last: readonly Statement[] },
): Promise<Withdrawn> {
  const { readerId, scope, suppressAs = SuppressionReason.UNSUBSCRIBED_ALL } = withdrawal
  const purposeId = scope === 'all' ? undefined : scope.purposeId
  const lockAndRead = [
    touchStatement(readerId),
    standingStatement(readerId, purposeId),
    underWayStatement(readerId, purposeId),
  ]
  const [touched, stands, found] = (await send([...first, ...lockAndRead])).slice(first.length)
  if (touched?.affected !== 1) {
    await send(last)
    return { alreadyPassed: [] }
  }
  const { reader, ...ledger } = standingOf(stands)
  const underWay = underWayOf(reader, found)
  const facts = ledger.consents.map(consent => withdrawnFact(consent, withdrawal))
  const reason = scope === 'all' ? skipReasons[suppressAs] : SkipReason.CONSENT_WITHDRAWN
  await send([
    ...recordStatements(db, reader, ledger, facts),
    ...(scope === 'all' ? suppressStatements(reader, withdrawal.newsletterId, suppressAs) : []),
    ...skipStatements(underWay, readerId, reason),
    ...last,
  ])
  return { alreadyPassed: passedOf(underWay) }
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

/**
 * Leaving everything also keeps imports out; only the person's own new confirmation lifts it (DESIGN §2). Said again, it
 * counts from then: links mailed in between are outdated too.
 */
const suppressStatements = (
  { addressHash }: Pick<Reader, 'addressHash'>,
  newsletterId: number | null,
  reason: SuppressionReason,
): Statement[] =>
  addressHash
    ? [
        {
          sql: `INSERT INTO suppression (public_id, address_hash, reason, newsletter_id, created_at)
            VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE created_at = VALUES(created_at)`,
          parameters: [uuidv7(), addressHash, reason, newsletterId],
        },
      ]
    : []
