// Takes a suppression back, where a person of staff may. What the reader wanted, only the reader lifts (standards G11).
import type { EntityManager } from 'typeorm'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { lockReaderByAddress, touchReader } from './readers'

/** Not a complaint, not an erasure, and not "stop everything": that one ends with the reader's own confirmation. */
const LIFTABLE: readonly SuppressionReason[] = [SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL]

export type Lifted = 'lifted' | 'not-liftable'

/** Lifts this one; others of the address stay. It may already be gone, which is `lifted` too. */
export async function liftSuppression(tx: EntityManager, suppression: Suppression): Promise<Lifted> {
  const { id, addressHash, reason } = suppression
  if (!LIFTABLE.includes(reason)) return 'not-liftable'
  const reader = await lockReaderByAddress(tx, addressHash)
  await tx.delete(Suppression, { id })
  if (reader) await touchReader(tx, reader.id)
  return 'lifted'
}
