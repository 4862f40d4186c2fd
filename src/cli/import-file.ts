// What the import commands share: the file or standard input, begun or gone on with, and what is told of it.
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { audit, operator } from '../consent/audit'
import { ImportJob, type ImportSettings } from '../entities/import-job'
import { ImportReject } from '../entities/import-reject'
import { type FileReason, type RowReason, SendingProblem } from '../imports/problem'
import { runImport } from '../imports/run-import'
import { startImport } from '../imports/start-import'
import { message } from '../messages'
import { createKeyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { Problem } from './problem'

export interface ImportOptions {
  /** Public id of an import that broke off. */
  resume?: string
  json?: boolean
}

const LOCALE = 'en'

/** Takes the file in (`-`: standard input) and tells how it ended. Throws Problem when it was given up or refused. */
export async function importFile(
  db: DataSource,
  config: Config,
  file: string,
  settings: ImportSettings,
  options: ImportOptions,
): Promise<void> {
  const bytes = await opened(file)
  const job = options.resume
    ? await begun(db, options.resume, settings.kind)
    : await begin(db, settings, file === '-' ? 'standard input' : basename(file))
  if (!options.json) console.error(`Import ${job.publicId}; should it break off: --resume ${job.publicId}`)
  const keyring = createKeyring(config.secretKeys, config.addressKey)
  const run = { db, keyring, actor: operator, onBatch: showCount }
  const ended = await runImport(run, job.id, bytes).catch(explain)
  await report(db, ended, options)
}

/** A file that cannot be read begins no import. */
async function opened(file: string): Promise<AsyncIterable<Buffer>> {
  if (file === '-') return process.stdin
  try {
    return (await open(file)).createReadStream()
  } catch {
    throw new Problem('There is no such file, or it cannot be read.')
  }
}

async function begin(db: DataSource, settings: ImportSettings, fileName: string): Promise<ImportJob> {
  const { job } = await transaction(db, async tx => {
    const started = await startImport(tx, settings, { staffId: null, fileName })
    await audit(tx, operator, 'import.start', started.job.publicId)
    return started
  })
  return job
}

async function begun({ manager }: DataSource, publicId: string, kind: ImportJob['kind']): Promise<ImportJob> {
  const isId = /^[0-9a-f-]{36}$/.test(publicId)
  const job = isId ? await manager.findOneBy(ImportJob, { publicId, kind }) : null
  if (!job) throw new Problem('There is no such import.')
  return job
}

function explain(error: unknown): never {
  if (error instanceof SendingProblem) throw new Problem(message(LOCALE, `import.${error.reason}`))
  throw error
}

async function report({ manager }: DataSource, job: ImportJob, { json }: ImportOptions): Promise<void> {
  const rejects = await manager.find(ImportReject, { where: { importId: job.id }, order: { row: 'ASC' } })
  const rejected = rejects.map(({ row, reason }) => ({
    row,
    reason,
    message: message(LOCALE, `import.${reason as RowReason}`),
  }))
  const { publicId: id, state, position: rows, accepted, unchanged } = job
  if (json)
    console.log(
      JSON.stringify({ id, state, rows, accepted, unchanged, rejectedCount: job.rejected, rejected }),
    )
  else {
    for (const { row, message } of rejected) console.log(`row ${row}: ${message}`)
    console.log(`${rows} rows: ${accepted} accepted, ${unchanged} unchanged, ${job.rejected} refused.`)
  }
  if (job.problem === null) return
  const words = message(LOCALE, `import.${job.problem as FileReason}`)
  throw new Problem(`The file was given up at row ${job.problemRow ?? 1}. ${words}`)
}

function showCount({ position }: ImportJob): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${position} rows `)
}
