// Requests for a copy and for erasure: making, claiming, ending. The row is the truth; whoever holds its lease works on it.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { DataRequest, type DataRequestKind, type RequestOrigin } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import type { Keyring } from '../secrets/keyring'
import { databaseTime, select, write } from '../transaction'

export interface NewRequest {
  kind: DataRequestKind
  readerId: number | null
  addressHash: Buffer | null
  origin: RequestOrigin
  isChild?: boolean
  /** Of an erasure: the rows that went with the request itself. */
  erased?: Readonly<Record<string, number>>
}

/** Writes a request that is due at once. */
export async function createRequest(
  tx: EntityManager,
  keyring: Pick<Keyring, 'currentId'>,
  { erased, ...request }: NewRequest,
): Promise<DataRequest> {
  const requestedAt = await databaseTime(tx)
  return tx.save(
    tx.create(DataRequest, {
      isChild: false,
      ...request,
      publicId: uuidv7(),
      status: JobStatus.QUEUED,
      requestedAt,
      dueAt: oneMonthAfter(requestedAt),
      completedAt: null,
      noticeId: null,
      reference: randomBytes(16),
      keyId: keyring.currentId,
      tries: 0,
      downloadExpiresAt: null,
      receipt: erased ? JSON.stringify({ erased }) : null,
      fence: 0,
      leaseUntil: null,
    }),
  )
}

/** Art. 12(3) GDPR; the last day of a shorter month rather than a day in the one after it. */
function oneMonthAfter(at: Date): Date {
  const due = new Date(at)
  due.setUTCMonth(due.getUTCMonth() + 1)
  if (due.getUTCDate() !== at.getUTCDate()) due.setUTCDate(0)
  return due
}

/** An erasure waits for its receipt, which needs the address, but not for longer than this. */
const RECEIPT_MINUTES = 60

const due = `(r.lease_until IS NULL OR r.lease_until <= UTC_TIMESTAMP(3)) AND r.status IN ('QUEUED', 'RUNNING')
  AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.id = r.notice_id AND n.state IN ('queued', 'sending')
    AND r.requested_at > UTC_TIMESTAMP(3) - INTERVAL ${RECEIPT_MINUTES} MINUTE)`

/** Those that somebody should work on now. */
export async function dueRequests(db: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT r.id FROM data_request r WHERE ${due} ORDER BY r.id LIMIT 100`,
  )
  return rows.map(row => row.id)
}

/** Takes the request if it is due and free; a killed worker's is free again when its lease has run out. */
export async function claimRequest(
  tx: EntityManager,
  id: number,
  leaseMs: number,
): Promise<DataRequest | undefined> {
  const claimed = await write(
    tx,
    `UPDATE data_request r SET r.status = 'RUNNING', r.fence = r.fence + 1,
       r.lease_until = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND WHERE r.id = ? AND ${due}`,
    [leaseMs * 1000, id],
  )
  return claimed === 1 ? tx.findOneByOrFail(DataRequest, { id }) : undefined
}

/** Locks the request for its end. False: it was cancelled, or somebody else took it after the lease ran out. */
export async function stillHolds(tx: EntityManager, { id, fence }: DataRequest): Promise<boolean> {
  const rows = await select(
    tx,
    "SELECT 1 FROM data_request WHERE id = ? AND fence = ? AND status = 'RUNNING' FOR UPDATE",
    [id, fence],
  )
  return rows.length === 1
}

/** Gives it back, to be taken again after a while. */
export const postponeRequest = (
  tx: EntityManager,
  { id, fence }: DataRequest,
  seconds: number,
): Promise<number> =>
  write(
    tx,
    `UPDATE data_request SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND
     WHERE id = ? AND fence = ? AND status = 'RUNNING'`,
    [seconds, id, fence],
  )
