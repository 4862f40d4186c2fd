// The import's own row: who sends, how far it is, how it ended. One sending at a time, by a fence.
import type { EntityManager } from 'typeorm'
import { type Actor, audit } from '../consent/audit'
import { isHeld } from '../consent/hold'
import { ImportJob } from '../entities/import-job'
import { ImportReject } from '../entities/import-reject'
import { insertRows } from '../insert-rows'
import { databaseTime } from '../transaction'
import { type FileProblem, type RowReason, SendingProblem } from './problem'

/** Of one import so many refused rows are named; the others are counted. */
export const MAX_REJECTS = 10_000

/** Takes the import over: whoever sent it before writes nothing more. Throws SendingProblem when it is over or held. */
export async function takeOver(tx: EntityManager, id: number): Promise<ImportJob> {
  if (await isHeld(tx, 'LOCK IN SHARE MODE')) throw new SendingProblem('held')
  const job = await lock(tx, id)
  if (job.state === 'completed' || job.state === 'failed') throw new SendingProblem('over')
  if (job.expiresAt <= (await databaseTime(tx))) throw new SendingProblem('over')
  job.state = 'running'
  job.fence += 1
  return tx.save(job)
}

/** What became of a batch of rows. */
export interface Taken {
  accepted: number
  unchanged: number
  rejects: readonly { row: number; reason: RowReason }[]
  /** How far it is now, and the hash of all rows up to there. */
  position: number
  rowsHash: Buffer
}

/** Writes it down, in the transaction that took the rows. */
export async function noteTaken(tx: EntityManager, job: ImportJob, taken: Taken): Promise<void> {
  const room = Math.max(0, MAX_REJECTS - job.rejected)
  const named = taken.rejects.slice(0, room).map(reject => ({ importId: job.id, ...reject }))
  await insertRows(tx, ImportReject, named)
  Object.assign(job, {
    position: taken.position,
    rowsHash: taken.rowsHash,
    accepted: job.accepted + taken.accepted,
    unchanged: job.unchanged + taken.unchanged,
    rejected: job.rejected + taken.rejects.length,
  })
  await tx.save(job)
}

/** The row under its lock. Throws SendingProblem when another sending has taken over since. */
export async function lockOwn(tx: EntityManager, { id, fence }: ImportJob): Promise<ImportJob> {
  const job = await lock(tx, id)
  if (job.fence !== fence || job.state !== 'running') throw new SendingProblem('taken-over')
  return job
}

/** The end, with its audit event: all rows are done, or (`problem`) the file is given up. */
export async function endImport(
  tx: EntityManager,
  own: ImportJob,
  actor: Actor,
  end: { fileHash: Buffer } | { problem: FileProblem },
): Promise<void> {
  const job = await lockOwn(tx, own)
  job.state = 'fileHash' in end ? 'completed' : 'failed'
  job.endedAt = await databaseTime(tx)
  if ('fileHash' in end) job.fileHash = end.fileHash
  else Object.assign(job, { problem: end.problem.reason, problemRow: end.problem.row })
  await tx.save(job)
  const counts = `${job.state}: ${job.accepted} accepted, ${job.unchanged} unchanged, ${job.rejected} refused`
  await audit(tx, actor, 'import.end', job.publicId, counts)
}

const lock = (tx: EntityManager, id: number): Promise<ImportJob> =>
  tx.findOneOrFail(ImportJob, { where: { id }, lock: { mode: 'pessimistic_write' } })
