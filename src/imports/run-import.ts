// Takes a file in, from where it was left off: 500 rows a transaction, never more of it in memory, nothing of it on disk.
import { createHash, type Hash } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { Actor } from '../consent/audit'
import { type ImportedYes, importReaders } from '../consent/import-readers'
import { type ImportedSuppression, importSuppressions } from '../consent/import-suppressions'
import { ImportJob } from '../entities/import-job'
import type { Keyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { readerColumns, suppressionColumns } from './columns'
import { decode } from './decode'
import { importFacts } from './facts'
import { endImport, takeOver } from './import-progress'
import { FileProblem, SendingProblem } from './problem'
import { readCsv } from './read-csv'
import { readReaderRow } from './reader-row'
import { readSuppressionRow } from './suppression-row'
import { type Kind, type Row, takeBatch } from './take-batch'

const BATCH = 500

export interface ImportRun {
  db: DataSource
  keyring: Keyring
  /** Who sends the file. */
  actor: Actor
  onBatch?: (job: ImportJob) => void
}

/**
 * Reads the file to its end and answers the import as it is then: completed, or failed when the file is given up. What
 * breaks off (the sender, the database, this process) leaves it running: the same file sent again goes on after the last
 * 500 rows that were written. Throws SendingProblem for another file, another sender, or an import that is over.
 */
export async function runImport(
  run: ImportRun,
  importId: number,
  bytes: AsyncIterable<Buffer>,
): Promise<ImportJob> {
  const { db, actor } = run
  const job = await transaction(db, tx => takeOver(tx, importId))
  const { text, digest } = decode(bytes)
  try {
    await takeAll(run, job, readCsv(text))
    await transaction(db, tx => endImport(tx, job, actor, { fileHash: digest.sha256() }))
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error
    await transaction(db, tx => endImport(tx, job, actor, { problem: error }))
  }
  return db.manager.findOneByOrFail(ImportJob, { id: importId })
}

async function takeAll(run: ImportRun, job: ImportJob, records: AsyncGenerator<string[]>): Promise<void> {
  const rowsHash = createHash('sha256')
  let kind: Kind | undefined
  let position = -1
  let batch: Row[] = []
  const flush = async () => {
    if (!kind || batch.length === 0) return
    const taken = await takeBatch(run.db, job, kind, batch, rowsHash.copy().digest())
    batch = []
    run.onBatch?.(taken)
  }
  try {
    for await (const fields of records) {
      position++
      rowsHash.update(`${JSON.stringify(fields)}\n`)
      kind ??= await kindOf(run, job, fields)
      if (position === job.position) mustBeSame(job, rowsHash)
      if (position <= job.position) continue
      const row = position + 1
      batch.push({ row, read: kind.read(fields, row) })
      if (batch.length === BATCH) await flush()
    }
  } catch (error) {
    // What came before the place that cannot be read is whole.
    if (error instanceof FileProblem) await flush()
    throw error
  }
  if (!kind) throw new FileProblem('empty')
  if (position < job.position) throw new SendingProblem('other-file')
  await flush()
}

/** What is sent again must begin as it did before. */
function mustBeSame({ rowsHash }: ImportJob, so: Hash): void {
  if (rowsHash && !so.copy().digest().equals(rowsHash)) throw new SendingProblem('other-file')
}

async function kindOf({ db, keyring, actor }: ImportRun, job: ImportJob, header: string[]): Promise<Kind> {
  const { settings } = job
  if (settings.kind === 'suppressions') {
    const columns = suppressionColumns(header)
    return {
      read: fields => readSuppressionRow(columns, settings, keyring, fields),
      take: (tx, rows) => importSuppressions(tx, rows as ImportedSuppression[]),
    }
  }
  const facts = await importFacts(db.manager)
  const rows = { columns: readerColumns(header, settings), settings, facts, importId: job.publicId }
  return {
    read: (fields, row) => readReaderRow(rows, fields, row),
    take: (tx, all) => importReaders(tx, keyring, actor.role, all as ImportedYes[]),
  }
}
