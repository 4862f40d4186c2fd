// The one procedure by which evidence goes: a signed tombstone first, then all events of one reader (I8).
import type { EntityManager } from 'typeorm'
import { Tombstone } from '../entities/tombstone'
import { canonicalJson } from '../secrets/canonical-json'
import type { LedgerSigner } from '../secrets/ledger-signer'
import { databaseTime, select, write } from '../transaction'
import { digestOf, type Leaf } from './leaf'

/** Why the law wants it: a child (standards K4), the period of proof is over (§N), somebody entitled ordered it. */
export type DeletionBasis = 'CHILD' | 'RETENTION' | 'ORDER'

export const TOMBSTONE_KIND = 'weinterrupt-tombstone/1'

/**
 * Deletes every consent event of the reader with this public id, and the projection of them, so that nothing may be sent
 * to that reader any more. What remains is a tombstone with the events' ids and hashes, and whose they were: a random id.
 * Returns how many events went; 0 when there are none. The caller writes the audit event and sees to open deliveries.
 * `actor` is as in the audit: staff:ID, operator, or the job's name; never a name or address.
 */
export async function deleteEvents(
  tx: EntityManager,
  signer: LedgerSigner,
  principal: string,
  { basis, actor }: { basis: DeletionBasis; actor: string },
): Promise<number> {
  // Locks the reader as touchReader does: no event comes in between.
  await write(tx, 'UPDATE reader SET version = version + 1 WHERE public_id = ?', [principal])
  const events = await select<Leaf>(
    tx,
    'SELECT id, principal, position, hash FROM consent_event WHERE principal = ? ORDER BY id',
    [principal],
  )
  if (events.length === 0) return 0
  const body = canonicalJson({
    kind: TOMBSTONE_KIND,
    principal,
    events: events.length,
    digest: digestOf(events).toString('hex'),
    basis,
    actor,
    at: (await databaseTime(tx)).toISOString(),
  })
  const tombstone = await tx.save(tx.create(Tombstone, { principal, body, signature: signer.sign(body) }))
  await write(
    tx,
    `INSERT INTO tombstone_event (event_id, tombstone_id, principal, position, hash)
     SELECT id, ?, principal, position, hash FROM consent_event WHERE principal = ?`,
    [tombstone.id, principal],
  )
  await tx.query('CALL delete_buried_events(?)', [tombstone.id])
  return events.length
}
