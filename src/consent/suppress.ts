// Blocks an address. Like a withdrawal its commit is a barrier for every gate of that reader (I4).
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { skipQueued } from '../deliveries/skip-queued'
import { SkipReason } from '../entities/delivery'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { databaseTime, select } from '../transaction'
import { lockReaderByAddress, touchReader } from './readers'

const skipReasons: Record<SuppressionReason, SkipReason> = {
  HARD_BOUNCE: SkipReason.SUPPRESSED_BOUNCE,
  COMPLAINT: SkipReason.SUPPRESSED_COMPLAINT,
  UNSUBSCRIBED_ALL: SkipReason.SUPPRESSED_UNSUBSCRIBED,
  ERASED: SkipReason.ERASED,
  MANUAL: SkipReason.SUPPRESSED_MANUAL,
}

/** Suppresses the address, known or not; repeating it changes nothing. Answers what had already passed its gate. */
export async function suppress(
  tx: EntityManager,
  addressHash: Buffer,
  reason: SuppressionReason,
  details: { newsletterId: number | null; note: string | null },
): Promise<{ alreadyPassed: string[] }> {
  const reader = await lockReaderByAddress(tx, addressHash)
  // Gates of notices lock these rows: none to this address passes between the look and the commit.
  await select(tx, 'SELECT id FROM notice WHERE address_hash = ? FOR UPDATE', [addressHash])
  if (!(await tx.existsBy(Suppression, { addressHash, reason })))
    await tx.insert(Suppression, {
      publicId: uuidv7(),
      addressHash,
      reason,
      ...details,
      createdAt: await databaseTime(tx),
    })
  if (!reader) return { alreadyPassed: [] }
  await touchReader(tx, reader.id)
  return { alreadyPassed: await skipQueued(tx, reader, undefined, skipReasons[reason]) }
}
