// Asking readers to renew: a request with its link and the notice that carries it, once per reader and occasion.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { DueRenewal } from '../consent/renewals-due'
import { Renewal } from '../entities/renewal'
import type { Keyring } from '../secrets/keyring'
import { write } from '../transaction'
import { queueNotice } from './queue-notice'

/** Writes both for everyone who has not been asked yet. Returns the notices' ids for the wake-up calls. */
export async function queueRenewals(
  tx: EntityManager,
  keyring: Keyring,
  due: readonly DueRenewal[],
): Promise<number[]> {
  const noticeIds: number[] = []
  for (const { readerId, addressHash, locale, reason, occasion } of due) {
    const reference = randomBytes(16)
    const added = await write(
      tx,
      `INSERT IGNORE INTO renewal (reference, key_id, reader_id, reason, occasion, created_at)
       VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(3))`,
      [reference, keyring.currentId, readerId, reason, occasion],
    )
    if (added === 0) continue
    const noticeId = await queueNotice(tx, { kind: 'renewal', addressHash, locale })
    await tx.update(Renewal, { reference }, { noticeId })
    noticeIds.push(noticeId)
  }
  return noticeIds
}
