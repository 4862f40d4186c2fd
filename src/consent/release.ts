// Releases a restored site: what readers had taken back since the backup is taken back again, then sending is allowed.
import type { DataSource, EntityManager } from 'typeorm'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Epoch } from '../entities/epoch'
import { Purpose } from '../entities/purpose'
import { Reader } from '../entities/reader'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { select, transaction, write } from '../transaction'
import { audit, operator } from './audit'
import type { Denial } from './deny-journal'
import { readSeenEpoch, startEpoch, writeSeenEpoch } from './epoch'
import { endHold } from './hold'
import { SENDABLE } from './skip-reason'
import { suppress } from './suppress'
import { withdraw } from './withdraw'

export interface Replayed {
  withdrawals: number
  suppressions: number
  /** The database knew already, holds nothing to take back, or has a later yes of the reader's own. */
  known: number
}

/** Erases again whoever the address belongs to in the restored database. */
export type EraseAgain = (tx: EntityManager, addressHash: Buffer) => Promise<unknown>

/** Applies each denial through the verb that made it, one transaction each; doing it again changes nothing. */
export async function replayDenials(
  db: DataSource,
  denials: readonly Denial[],
  eraseAgain: EraseAgain,
): Promise<Replayed> {
  const replayed: Replayed = { withdrawals: 0, suppressions: 0, known: 0 }
  for (const denial of denials) {
    const isNew = await transaction(db, tx =>
      denial.kind === 'withdrawal' ? replayWithdrawal(tx, denial) : replaySuppression(tx, denial, eraseAgain),
    )
    if (!isNew) replayed.known += 1
    else if (denial.kind === 'withdrawal') replayed.withdrawals += 1
    else replayed.suppressions += 1
  }
  return replayed
}

async function replayWithdrawal(tx: EntityManager, denial: Denial): Promise<boolean> {
  const reader = await readerOf(tx, denial)
  const purpose = await tx.findOneBy(Purpose, { key: denial.subject })
  if (!reader || !purpose) return false
  const standing = await select(
    tx,
    `SELECT 1 FROM consent WHERE purpose_id = ? AND reader_id = ? AND state IN ${SENDABLE}`,
    [purpose.id, reader.id],
  )
  if (standing.length === 0 || (await hasGivenSince(tx, reader, denial.at, purpose.id))) return false
  await withdraw(tx, {
    readerId: reader.id,
    scope: { purposeId: purpose.id },
    surface: ConsentSurface.STAFF,
    method: ConsentMethod.SINGLE_TOGGLE,
    newsletterId: null,
    replayOf: new Date(denial.at),
  })
  return true
}

async function replaySuppression(
  tx: EntityManager,
  denial: Denial,
  eraseAgain: EraseAgain,
): Promise<boolean> {
  const addressHash = Buffer.from(denial.address, 'hex')
  const reason = denial.subject as SuppressionReason
  if (!Object.values(SuppressionReason).includes(reason)) return false
  const reader = await readerOf(tx, denial)
  if (reader && (await hasGivenSince(tx, reader, denial.at))) return false
  const isKnown = await tx.existsBy(Suppression, { addressHash, reason })
  // The hash may be known and the rows back all the same: in a backup from the middle of an erasure.
  if (reason === SuppressionReason.ERASED && (reader || !isKnown)) await eraseAgain(tx, addressHash)
  if (isKnown || reason === SuppressionReason.ERASED) return !isKnown
  await suppress(tx, addressHash, reason, { newsletterId: null, note: `Replayed: it is from ${denial.at}` })
  return true
}

/** Locked: no confirmation comes between the look and the verb. */
const readerOf = (tx: EntityManager, { address }: Denial): Promise<Reader | null> =>
  tx.findOne(Reader, {
    where: { addressHash: Buffer.from(address, 'hex') },
    lock: { mode: 'pessimistic_write' },
  })

/** A yes of the reader's own after the denial overrules it, and lifted a suppression; what was imported does not. */
async function hasGivenSince(
  tx: EntityManager,
  reader: Reader,
  at: string,
  purposeId: number | null = null,
): Promise<boolean> {
  const rows = await select(
    tx,
    `SELECT 1 FROM consent_event WHERE principal = ? AND to_state IN ${SENDABLE} AND at > ? AND surface <> 'IMPORT'
       AND (? IS NULL OR purpose_id = ?) LIMIT 1`,
    [reader.publicId, new Date(at), purposeId, purposeId],
  )
  return rows.length > 0
}

/**
 * Ends the hold and begins a new epoch, in the database first and then in the file (see epoch.ts for the order). The
 * file's moment counts as known from now on.
 */
export async function release(db: DataSource, stateDir: string, reason: string): Promise<void> {
  const seen = readSeenEpoch(stateDir)
  const next = await transaction(db, async tx => {
    await endHold(tx)
    await audit(tx, operator, 'site.release', null, reason)
    if (seen)
      await write(
        tx,
        `INSERT INTO epoch (id, generation, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))
         ON DUPLICATE KEY UPDATE generation = GREATEST(generation, VALUES(generation))`,
        [seen.epoch, seen.generation],
      )
    await write(tx, 'UPDATE epoch SET ended_at = UTC_TIMESTAMP(3), reason = ? WHERE ended_at IS NULL', [
      reason,
    ])
    const epochs = await tx.find(Epoch)
    return startEpoch(tx, Math.max(...epochs.map(one => one.generation)) + 1)
  })
  writeSeenEpoch(stateDir, next)
}
