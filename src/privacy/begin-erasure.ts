// An erasure begins with its answer: from this commit on nothing more goes to the person, and nobody is logged in as them.
import type { EntityManager } from 'typeorm'
import { lockReaderByAddress } from '../consent/readers'
import { suppress } from '../consent/suppress'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { type DataRequest, DataRequestKind, type RequestOrigin } from '../entities/data-request'
import { Reader } from '../entities/reader'
import { SuppressionReason } from '../entities/suppression'
import type { Keyring } from '../secrets/keyring'
import { databaseTime, write } from '../transaction'
import { createRequest } from './data-requests'
import { eraseAtOnce } from './erase-rows'
import { noticeErasure } from './erasure-notices'
import { subjectOf } from './subject'

export interface ErasureOrder {
  origin: RequestOrigin
  /** Takes the proof of consent as well (standards K4). */
  isChild: boolean
}

export interface BegunErasure {
  request: DataRequest
  alreadyPassed: string[]
  /** The language to tell the person in that it is done; null when there is nobody to tell. */
  locale: string | null
}

/**
 * Erases what hangs on the address and everything small at once, in the caller's transaction; the worker does the rest.
 * The address stays sealed in the reader's row until the receipt is out, and is no key to anything any more. Undefined:
 * the reader was erased before; only a child's proof can go then.
 */
export async function beginErasure(
  tx: EntityManager,
  keyring: Keyring,
  readerId: number,
  order: ErasureOrder,
): Promise<BegunErasure | undefined> {
  const reader = await tx.findOne(Reader, { where: { id: readerId }, lock: { mode: 'pessimistic_write' } })
  if (!reader || (reader.erasedAt && !order.isChild)) return undefined
  const { alreadyPassed } = await withdraw(tx, {
    readerId,
    scope: 'all',
    surface: order.origin === 'READER' ? ConsentSurface.PREFERENCE_PAGE : ConsentSurface.STAFF,
    method: ConsentMethod.SINGLE_TOGGLE,
    newsletterId: null,
    actor: order.origin === 'READER' ? 'READER' : 'ADMIN',
    suppressAs: SuppressionReason.ERASED,
  })
  const { addressHash } = reader
  await noticeErasure(tx, readerId)
  const erased = await eraseAtOnce(tx, subjectOf(reader, addressHash))
  await cancelExports(tx, readerId)
  const isTold = order.origin !== 'RESTORE' && !order.isChild && addressHash !== null
  await write(
    tx,
    `UPDATE reader SET address_hash = NULL, name_sealed = NULL, email_sealed = IF(?, email_sealed, NULL),
       erased_at = COALESCE(erased_at, ?) WHERE id = ?`,
    [isTold, await databaseTime(tx), readerId],
  )
  const kind = DataRequestKind.ERASURE
  const request = await createRequest(tx, keyring, { kind, readerId, addressHash, erased, ...order })
  return { request, alreadyPassed, locale: isTold ? reader.locale : null }
}

/** Nothing is handed out any more. */
const cancelExports = (tx: EntityManager, readerId: number): Promise<number> =>
  write(
    tx,
    `UPDATE data_request SET status = 'CANCELLED', completed_at = UTC_TIMESTAMP(3)
     WHERE reader_id = ? AND kind = 'EXPORT' AND status IN ('QUEUED', 'RUNNING', 'READY')`,
    [readerId],
  )

/** The same for whoever the address belongs to: a reader, somebody who has only signed up, or nobody yet. */
export async function beginErasureOf(
  tx: EntityManager,
  keyring: Keyring,
  addressHash: Buffer,
  order: ErasureOrder,
): Promise<BegunErasure | undefined> {
  const reader = await lockReaderByAddress(tx, addressHash)
  if (reader) return beginErasure(tx, keyring, reader.id, order)
  await suppress(tx, addressHash, SuppressionReason.ERASED, { newsletterId: null, note: null })
  const erased = await eraseAtOnce(tx, subjectOf(null, addressHash))
  const kind = DataRequestKind.ERASURE
  const request = await createRequest(tx, keyring, { kind, readerId: null, addressHash, erased, ...order })
  return { request, alreadyPassed: [], locale: null }
}
