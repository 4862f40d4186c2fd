import type { EntityManager } from 'typeorm'
import { DataRequest } from '../entities/data-request'
import { queueNotice } from './queue-notice'

/**
 * Queues the one mail that says that an erasure is done; answers its id. Undefined for somebody who is told nothing. The
 * worker waits for it before the address goes.
 */
export async function queueReceipt(
  tx: EntityManager,
  { id, addressHash }: DataRequest,
  locale: string | null,
): Promise<number | undefined> {
  if (!addressHash || locale === null) return undefined
  const noticeId = await queueNotice(tx, { kind: 'erasure', addressHash, locale })
  await tx.update(DataRequest, id, { noticeId })
  return noticeId
}
