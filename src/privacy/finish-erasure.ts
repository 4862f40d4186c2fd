// The worker's half of an erasure. Every part can be done again: one that is killed in the middle is ended by the next.
import type { EntityManager } from 'typeorm'
import { DataRequest } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import { Suppression } from '../entities/suppression'
import { databaseTime, select } from '../transaction'
import { stillHolds } from './data-requests'
import { type Erased, eraseChild, eraseRest } from './erase-rows'
import { type Subject, subjectOf } from './subject'

/** Removes the proof of a child's consent; the ledger's procedure for it (I8). */
export type DeleteProof = (tx: EntityManager, principal: string) => Promise<unknown>

export type ErasureProgress = 'done' | 'lost' | 'later'

/**
 * Erases what is left of the reader and writes the receipt. `later`: a mail that had passed its gate has not been
 * answered for yet, and what the server says about it may quote the person. `lost`: somebody else has taken the request.
 */
export async function finishErasure(
  tx: EntityManager,
  request: DataRequest,
  deleteProof: DeleteProof,
): Promise<ErasureProgress> {
  const lock = { mode: 'pessimistic_write' } as const
  const reader = await tx.findOne(Reader, { where: { id: request.readerId ?? 0 }, lock })
  if (!(await stillHolds(tx, request))) return 'lost'
  const subject = subjectOf(reader, null)
  if (await hasOpenDelivery(tx, subject)) return 'later'
  const erased = await eraseRest(tx, subject)
  if (request.isChild) {
    if (subject.publicId) await deleteProof(tx, subject.publicId)
    await eraseChild(tx, subject)
  }
  if (request.noticeId) await tx.delete(Notice, request.noticeId)
  await tx.update(DataRequest, request.id, {
    status: JobStatus.COMPLETED,
    completedAt: await databaseTime(tx),
    leaseUntil: null,
    addressHash: null,
    noticeId: null,
    receipt: JSON.stringify(await receiptOf(tx, request, erased)),
  })
  return 'done'
}

async function hasOpenDelivery(tx: EntityManager, { id }: Subject): Promise<boolean> {
  const rows = await select(
    tx,
    `SELECT 1 FROM newsletter n JOIN delivery d ON d.newsletter_id = n.id AND d.reader_id = ?
     WHERE d.status = 'sending' LIMIT 1`,
    [id],
  )
  return rows.length > 0
}

/** How many rows went, and what stays: by what nobody else can sign the person up again, and the proof. */
async function receiptOf(tx: EntityManager, request: DataRequest, rest: Erased) {
  const { addressHash, isChild, receipt } = request
  const { erased: atOnce } = JSON.parse(receipt ?? '{"erased":{}}') as { erased: Erased }
  const erased = { ...atOnce }
  for (const [table, count] of Object.entries(rest)) erased[table] = (erased[table] ?? 0) + count
  const suppressions = addressHash ? await tx.countBy(Suppression, { addressHash }) : 0
  return { erased, kept: { suppressions, proof: !isChild } }
}
