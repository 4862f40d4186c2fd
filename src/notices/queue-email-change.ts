// The wish for another address: its row and the notice that carries the link, the same two writes for every address (I11).
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { CHANGE_HOURS, sealAddress } from '../consent/change-address'
import { EmailChange } from '../entities/email-change'
import type { Reader } from '../entities/reader'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { databaseTime } from '../transaction'
import { queueNotice } from './queue-notice'

/**
 * Writes both; an earlier wish of the reader that was not confirmed is void. Returns the notice's id for the wake-up call;
 * whether a mail goes is decided at its gate.
 */
export async function queueEmailChange(
  tx: EntityManager,
  keyring: Keyring,
  reader: Reader,
  canonicalAddress: string,
): Promise<number> {
  if (!reader.addressHash) throw new Error('An erased reader has no address to change')
  const newHash = addressHash(keyring, canonicalAddress)
  const { locale } = reader
  const noticeId = await queueNotice(tx, { kind: 'email-change', addressHash: newHash, locale })
  const reference = randomBytes(16)
  const sealed = sealAddress(keyring, reference, 'new', canonicalAddress)
  const createdAt = await databaseTime(tx)
  await tx
    .createQueryBuilder()
    .delete()
    .from(EmailChange)
    .where('reader_id = :id AND confirmed_at IS NULL', { id: reader.id })
    .execute()
  await tx.insert(EmailChange, {
    readerId: reader.id,
    noticeId,
    reference,
    keyId: sealed.keyId,
    newHash,
    newSealed: sealed.data,
    oldHash: reader.addressHash,
    oldSealed: null,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + CHANGE_HOURS * 3_600_000),
    confirmedAt: null,
  })
  return noticeId
}

/** Tells the old address that it is none any more. Returns the notice's id for the wake-up call. */
export async function queueEmailChanged(
  tx: EntityManager,
  change: EmailChange,
  locale: string,
): Promise<number> {
  const noticeId = await queueNotice(tx, { kind: 'email-changed', addressHash: change.oldHash, locale })
  await tx.update(EmailChange, change.id, { noticeId })
  return noticeId
}
