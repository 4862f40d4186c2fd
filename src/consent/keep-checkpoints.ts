// Brings the checkpoints of a database and of a STATE_DIR up to date.
import { type DataSource, type EntityManager, IsNull } from 'typeorm'
import { Epoch } from '../entities/epoch'
import { LedgerCheckpoint } from '../entities/ledger-checkpoint'
import type { LedgerSigner } from '../secrets/ledger-signer'
import { databaseTime } from '../transaction'
import { type CheckpointBody, latestCheckpoint, makeCheckpoint, readBody } from './checkpoint'
import { copyIntoFile, readCheckpointFile } from './checkpoint-file'
import { presentEpochs } from './epoch'

const DAY_MS = 24 * 60 * 60_000

/** Whether the last checkpoint is a day old, or there is none. */
export async function isCheckpointDue(db: EntityManager): Promise<boolean> {
  const last = await latestCheckpoint(db)
  const body = last && readBody(last)
  return !body || Date.parse(body.at) <= (await databaseTime(db)).getTime() - DAY_MS
}

/**
 * Makes one now. Throws when the STATE_DIR has one that this database ought to have and has not: what it covers may have
 * been removed, and must not be signed over.
 */
export async function takeCheckpoint(
  db: DataSource,
  stateDir: string,
  signer: LedgerSigner,
  stopping?: AbortSignal,
): Promise<CheckpointBody | undefined> {
  const epoch = await db.manager.findOneByOrFail(Epoch, { endedAt: IsNull() })
  const epochs = await presentEpochs(db.manager, stateDir)
  const stored = new Set((await db.manager.find(LedgerCheckpoint)).map(one => one.body))
  const { checkpoints } = readCheckpointFile(stateDir)
  const lost = checkpoints.find(one => !stored.has(one.body) && epochs.has(readBody(one)?.epoch ?? ''))
  if (lost)
    throw new Error(
      `Checkpoint ${readBody(lost)?.number} is in STATE_DIR and not in the database: run \`weinterrupt ledger verify\``,
    )
  return makeCheckpoint(db, signer, epoch.id, stopping)
}

/** Copies into the STATE_DIR what it has not. */
export async function copyCheckpoints(db: EntityManager, stateDir: string): Promise<void> {
  copyIntoFile(stateDir, await db.find(LedgerCheckpoint, { order: { number: 'ASC' } }))
}
