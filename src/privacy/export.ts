// A copy of everything about one reader: asked for, made by the worker, downloaded once within 24 hours.
import { createHash } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { DataExport } from '../entities/data-export'
import { DataRequest, DataRequestKind } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { Reader } from '../entities/reader'
import { DOWNLOAD_HOURS } from '../secrets/download-ticket'
import type { Keyring } from '../secrets/keyring'
import { seal } from '../secrets/seal'
import { databaseTime, select, transaction, write } from '../transaction'
import { collectData } from './collect'
import { createRequest, stillHolds } from './data-requests'
import { exportFile } from './export-file'
import { subjectOf } from './subject'

/** Each is a look at every table, and a mail. */
const MAX_A_DAY = 5

export type ExportAsked =
  | { kind: 'asked'; request: DataRequest }
  /** One is being made already. */
  | { kind: 'open'; request: DataRequest }
  | { kind: 'too-many' }

/** Asks for a copy. One that waits for its download is replaced. */
export async function requestExport(
  tx: EntityManager,
  keyring: Keyring,
  readerId: number,
): Promise<ExportAsked> {
  await select(tx, 'SELECT 1 FROM reader WHERE id = ? FOR UPDATE', [readerId])
  const earlier = await tx.find(DataRequest, {
    where: { readerId, kind: DataRequestKind.EXPORT },
    order: { id: 'DESC' },
    take: MAX_A_DAY,
  })
  const open = earlier.find(({ status }) => status === JobStatus.QUEUED || status === JobStatus.RUNNING)
  if (open) return { kind: 'open', request: open }
  const day = (await databaseTime(tx)).getTime() - 24 * 3_600_000
  if (earlier.filter(({ requestedAt }) => requestedAt.getTime() > day).length >= MAX_A_DAY)
    return { kind: 'too-many' }
  for (const ready of earlier.filter(({ status }) => status === JobStatus.READY))
    await endExport(tx, ready, JobStatus.CANCELLED)
  const kind = DataRequestKind.EXPORT
  const request = await createRequest(tx, keyring, { kind, readerId, addressHash: null, origin: 'READER' })
  return { kind: 'asked', request }
}

/**
 * Makes and seals the copy, of one moment. `whenReady` runs in the transaction that makes it READY and answers the id of
 * the mail that says so. False: the request was cancelled meanwhile, or the reader erased.
 */
export async function buildExport(
  db: DataSource,
  keyring: Keyring,
  request: DataRequest,
  whenReady: (tx: EntityManager, reader: Reader) => Promise<number>,
): Promise<boolean> {
  const made = await db.transaction('REPEATABLE READ', async tx => {
    const reader = await tx.findOneBy(Reader, { id: request.readerId ?? 0 })
    if (!reader?.addressHash) return undefined
    return { reader, file: exportFile(await collectData(tx, keyring, subjectOf(reader, reader.addressHash))) }
  })
  if (!made) return false
  const { file } = made
  const sealed = seal(keyring, file.toString('base64'), `export.content:${request.id}`)
  return transaction(db, async tx => {
    // Locked: an erasure that comes first leaves nothing to hand out, one that comes later takes this with it.
    const where = { id: made.reader.id, addressHash: made.reader.addressHash ?? undefined }
    const reader = await tx.findOne(Reader, { where, lock: { mode: 'pessimistic_write' } })
    if (!reader || !(await stillHolds(tx, request))) return false
    const now = await databaseTime(tx)
    const expiresAt = new Date(now.getTime() + DOWNLOAD_HOURS * 3_600_000)
    await tx.upsert(
      DataExport,
      {
        requestId: request.id,
        readerId: reader.id,
        keyId: sealed.keyId,
        expiresAt,
        contentSealed: sealed.data,
      },
      ['requestId'],
    )
    await tx.update(DataRequest, request.id, {
      status: JobStatus.READY,
      leaseUntil: null,
      downloadExpiresAt: expiresAt,
      receipt: JSON.stringify({
        sha256: createHash('sha256').update(file).digest('hex'),
        bytes: file.length,
      }),
      noticeId: await whenReady(tx, reader),
    })
    return true
  })
}

/** Ends a request for a copy and removes what was made for it. */
export async function endExport(
  tx: EntityManager,
  request: Pick<DataRequest, 'id'>,
  status: JobStatus.CANCELLED | JobStatus.COMPLETED | JobStatus.EXPIRED | JobStatus.FAILED,
): Promise<void> {
  await tx.delete(DataExport, { requestId: request.id })
  await tx.update(DataRequest, request.id, { status, completedAt: await databaseTime(tx), leaseUntil: null })
}

/** The reader changed their mind. False when there is nothing (left) to cancel: an erasure holds from its answer on. */
export async function cancelExport(
  tx: EntityManager,
  readerId: number,
  publicId: string,
): Promise<DataRequest | undefined> {
  await select(tx, 'SELECT 1 FROM reader WHERE id = ? FOR UPDATE', [readerId])
  const where = { readerId, publicId, kind: DataRequestKind.EXPORT }
  const request = await tx.findOne(DataRequest, { where, lock: { mode: 'pessimistic_write' } })
  if (!request || !OPEN.has(request.status)) return undefined
  await endExport(tx, request, JobStatus.CANCELLED)
  return tx.findOneByOrFail(DataRequest, { id: request.id })
}

const OPEN = new Set([JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.READY])

/**
 * Requests whose copy nobody downloaded within 24 hours are EXPIRED (retention removes the copy), and those that could not
 * be done within a day have FAILED.
 */
export const endStaleExports = (tx: EntityManager): Promise<number> =>
  write(
    tx,
    `UPDATE data_request SET status = IF(status = 'READY', 'EXPIRED', 'FAILED'), completed_at = UTC_TIMESTAMP(3)
     WHERE kind = 'EXPORT' AND (status = 'READY' AND download_expires_at <= UTC_TIMESTAMP(3)
       OR status IN ('QUEUED', 'RUNNING') AND requested_at <= UTC_TIMESTAMP(3) - INTERVAL 1 DAY) LIMIT 100`,
  )
