// In the sweep: readers whose notice was held back are told when its time has come.
import { queueDisclosed } from '../notices/queue-disclosed'
import { tellDisclosed, untoldDisclosures } from '../privacy/tell-disclosed'
import { transaction } from '../transaction'
import type { WorkerContext } from './context'

export async function tellReaders({ db, enqueue }: WorkerContext): Promise<void> {
  for (const id of await untoldDisclosures(db.manager)) {
    const noticeId = await transaction(db, tx => tellDisclosed(tx, id, queueDisclosed))
    if (noticeId !== undefined) await enqueue.notice(noticeId)
  }
}
