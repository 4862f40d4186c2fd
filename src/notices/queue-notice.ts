// A notice is a row first; the job that wakes a worker for it is enqueued after the commit.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Notice, type NoticeKind } from '../entities/notice'
import { databaseTime } from '../transaction'

export interface NoticeRequest {
  kind: NoticeKind
  addressHash: Buffer
  locale: string
  registrationId?: number
  staffId?: number
  newsletterId?: number
  isResend?: boolean
  /** Why it never goes, known from the start; everything else is written as for one that does. */
  withheld?: string
}

/** Writes the notice, due now. Returns its id for the wake-up call. Whether it may go is decided at its gate. */
export async function queueNotice(
  tx: EntityManager,
  { withheld, ...request }: NoticeRequest,
): Promise<number> {
  // By the clock that the workers claim by: an API whose own is fast would keep a confirmation waiting.
  const now = await databaseTime(tx)
  const notice = tx.create(Notice, {
    registrationId: null,
    staffId: null,
    newsletterId: null,
    isResend: false,
    ...request,
    publicId: uuidv7(),
    state: withheld ? 'cancelled' : 'queued',
    attempts: 0,
    fence: 0,
    leaseUntil: null,
    contentHash: null,
    dueAt: now,
    at: now,
    createdAt: now,
    outcome: withheld ?? null,
    diagnostic: null,
  })
  await tx.save(notice)
  return notice.id
}
