// So many rows of a file in one transaction, with what became of them.
import type { DataSource, EntityManager } from 'typeorm'
import type { ImportedYes, ImportOutcome } from '../consent/import-readers'
import type { ImportedSuppression } from '../consent/import-suppressions'
import type { ImportJob } from '../entities/import-job'
import { isDuplicate, transaction } from '../transaction'
import { lockOwn, noteTaken } from './import-progress'
import type { RowReason } from './problem'

type Readable = ImportedYes | ImportedSuppression

export interface Row {
  /** As a spreadsheet counts: the header is row 1. */
  row: number
  read: Readable | RowReason
}

/** How rows of one kind of file are read and taken. */
export interface Kind {
  read(fields: readonly string[], row: number): Readable | RowReason
  take(tx: EntityManager, rows: readonly Readable[]): Promise<ImportOutcome[]>
}

/** How often a batch is tried again because somebody of it signed up at the same moment. */
const TRIES = 3

/**
 * Takes the rows and answers the import as it is then; `rowsHash` is of all rows up to the last of these. Throws
 * SendingProblem, and takes nothing, when another sending has taken over.
 */
export async function takeBatch(
  db: DataSource,
  job: ImportJob,
  kind: Kind,
  batch: readonly Row[],
  rowsHash: Buffer,
): Promise<ImportJob> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction(db, tx => take(tx, job, kind, batch, rowsHash))
    } catch (error) {
      if (tries === TRIES || !isDuplicate(error)) throw error
    }
  }
}

async function take(
  tx: EntityManager,
  job: ImportJob,
  kind: Kind,
  batch: readonly Row[],
  rowsHash: Buffer,
): Promise<ImportJob> {
  const own = await lockOwn(tx, job)
  const outcomes = await outcomesOf(tx, kind, batch)
  const count = (wanted: ImportOutcome): number => outcomes.filter(({ outcome }) => outcome === wanted).length
  await noteTaken(tx, own, {
    accepted: count('accepted'),
    unchanged: count('unchanged'),
    rejects: outcomes.flatMap(({ row, outcome }) =>
      outcome === 'accepted' || outcome === 'unchanged' ? [] : [{ row, reason: outcome }],
    ),
    position: own.position + batch.length,
    rowsHash,
  })
  return own
}

/** Of each row, in their order. */
async function outcomesOf(tx: EntityManager, kind: Kind, batch: readonly Row[]) {
  const good = batch.flatMap(({ read }) => (typeof read === 'string' ? [] : [read]))
  const taken = (good.length > 0 ? await kind.take(tx, good) : []).values()
  return batch.map(({ row, read }): { row: number; outcome: ImportOutcome | RowReason } => ({
    row,
    outcome: typeof read === 'string' ? read : (taken.next().value ?? 'unchanged'),
  }))
}
