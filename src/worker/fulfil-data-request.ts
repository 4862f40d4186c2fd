// The job of a request for a copy or for erasure. Killed in the middle, the next sweep begins it again.
import type { EntityManager } from 'typeorm'
import { deleteEvents } from '../consent/delete-events'
import { type DataRequest, DataRequestKind } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { queueNotice } from '../notices/queue-notice'
import { claimRequest, postponeRequest, stillHolds } from '../privacy/data-requests'
import { buildExport, endExport } from '../privacy/export'
import { finishErasure } from '../privacy/finish-erasure'
import { forgetInRedis } from '../privacy/forget-in-redis'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { transaction } from '../transaction'
import type { WorkerContext } from './context'

const RETRY_SECONDS = 60

export async function fulfilDataRequest(context: WorkerContext, id: number): Promise<void> {
  const { db, config, log } = context
  const request = await transaction(db, tx => claimRequest(tx, id, config.leaseMs))
  if (!request) return
  try {
    await (request.kind === DataRequestKind.EXPORT
      ? exportData(context, request)
      : eraseData(context, request))
  } catch (error) {
    log.error({ dataRequestId: id, err: error }, 'a data request could not be fulfilled yet')
    await transaction(db, tx => postponeRequest(tx, request, RETRY_SECONDS))
  }
}

async function exportData({ db, keyring, enqueue }: WorkerContext, request: DataRequest): Promise<void> {
  let noticeId: number | undefined
  const isReady = await buildExport(db, keyring, request, async (tx, { addressHash, locale }) => {
    if (!addressHash) throw new Error('An erased reader has no copy')
    noticeId = await queueNotice(tx, { kind: 'export', addressHash, locale })
    return noticeId
  })
  if (isReady && noticeId !== undefined) return enqueue.notice(noticeId)
  await transaction(db, async tx => {
    if (await stillHolds(tx, request)) await endExport(tx, request, JobStatus.CANCELLED)
  })
}

async function eraseData({ db, keyring, redis, log }: WorkerContext, request: DataRequest): Promise<void> {
  // Without Redis there is nothing in it to forget; what comes back with it ends by itself within its window.
  if (request.addressHash)
    await forgetInRedis(redis, keyring, request.addressHash).catch(error =>
      log.warn({ err: error }, 'Redis is away: its counters end by themselves'),
    )
  const signer = createLedgerSigner(keyring)
  const deleteProof = (tx: EntityManager, principal: string) =>
    deleteEvents(tx, signer, principal, { basis: 'CHILD', actor: `erasure:${request.publicId}` })
  const progress = await transaction(db, tx => finishErasure(tx, request, deleteProof))
  if (progress === 'later') await transaction(db, tx => postponeRequest(tx, request, 1))
}
