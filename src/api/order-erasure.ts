// An erasure as every door orders it: the verb, the mail that says so and what is written down, in one transaction.
import type { DataSource, EntityManager } from 'typeorm'
import type { DataRequest } from '../entities/data-request'
import type { Enqueue } from '../jobs/enqueue'
import { queueReceipt } from '../notices/queue-receipt'
import type { BegunErasure } from '../privacy/begin-erasure'
import { transaction } from '../transaction'

export interface OrderedErasure {
  request: DataRequest
  alreadyPassed: string[]
  /** The receipt. */
  noticeId: number | undefined
}

/** Undefined: there was nothing to erase, and nothing was written down. */
export function orderedErasure(
  db: DataSource,
  begin: (tx: EntityManager) => Promise<BegunErasure | undefined>,
  writeDown: (tx: EntityManager, request: DataRequest) => Promise<void> = async () => {},
): Promise<OrderedErasure | undefined> {
  return transaction(db, async tx => {
    const begun = await begin(tx)
    if (!begun) return undefined
    const { request, alreadyPassed, locale } = begun
    await writeDown(tx, request)
    return { request, alreadyPassed, noticeId: await queueReceipt(tx, request, locale) }
  })
}

/** After the commit: the sweep would find both as well. */
export async function wakeErasure(enqueue: Enqueue, { request, noticeId }: OrderedErasure): Promise<void> {
  if (noticeId !== undefined) await enqueue.notice(noticeId)
  await enqueue.dataRequest(request.id)
}
