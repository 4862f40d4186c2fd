// The download behind the mailed ticket: once, within 24 hours, for whoever also has the code of the same mail.
import type { EntityManager } from 'typeorm'
import { DataExport } from '../entities/data-export'
import { DataRequest } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { isCode } from '../secrets/code'
import { downloadCode, readDownloadTicket } from '../secrets/download-ticket'
import type { Keyring } from '../secrets/keyring'
import { open } from '../secrets/seal'
import { databaseTime, write } from '../transaction'
import { endExport } from './export'

const MAX_TRIES = 5

export type Ticket =
  | { kind: 'open'; request: DataRequest }
  /** Used, too old, replaced, or a code was entered too often. */
  | { kind: 'over'; request: DataRequest | null }
  | { kind: 'invalid' }

/** What a ticket stands for; changes nothing. */
export async function readTicket(
  db: EntityManager,
  keyring: Keyring,
  token: string,
  lock?: { mode: 'pessimistic_write' },
): Promise<Ticket> {
  const reference = readDownloadTicket(keyring, token)
  if (!reference) return { kind: 'invalid' }
  const request = await db.findOne(DataRequest, { where: { reference }, lock })
  const ends = request?.downloadExpiresAt
  const isOpen = request?.status === JobStatus.READY && request.tries < MAX_TRIES
  return isOpen && ends && ends > (await databaseTime(db))
    ? { kind: 'open', request }
    : { kind: 'over', request }
}

export type Download = { kind: 'file'; file: Buffer } | { kind: 'wrong-code'; request: DataRequest } | Ticket

/** Hands the copy out and removes it. A wrong code counts, and the fifth was the last. */
export async function download(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
  typed: string,
): Promise<Download> {
  const ticket = await readTicket(tx, keyring, token, { mode: 'pessimistic_write' })
  if (ticket.kind !== 'open') return ticket
  const { request } = ticket
  const code = downloadCode(keyring, request)
  if (code === undefined || !isCode(typed, code)) {
    await write(tx, 'UPDATE data_request SET tries = tries + 1 WHERE id = ?', [request.id])
    if (request.tries + 1 < MAX_TRIES) return { kind: 'wrong-code', request }
    await endExport(tx, request, JobStatus.EXPIRED)
    return { kind: 'over', request }
  }
  const stored = await tx.findOneBy(DataExport, { requestId: request.id })
  if (!stored) return { kind: 'over', request }
  const sealed = { data: stored.contentSealed, keyId: stored.keyId }
  const file = Buffer.from(open(keyring, sealed, `export.content:${request.id}`), 'base64')
  await endExport(tx, request, JobStatus.COMPLETED)
  return { kind: 'file', file }
}
