// Wake-up calls. Sent after the commit; one that is lost only costs time, since the sweep finds the row.
import type { Queue } from 'bullmq'
import { type Log } from '../log'
import { DELIVER_SLOTS, type JobName, type Jobs, jobOptions } from './queues'

export type Queues = { [name in JobName]: Queue<Jobs[name]> }

export interface Enqueue {
  /** `at`: when it is due; now if left out. */
  expand(newsletterId: number, at?: Date): Promise<void>
  deliver(newsletterId: number): Promise<void>
  notice(noticeId: number): Promise<void>
  dataRequest(dataRequestId: number): Promise<void>
}

/**
 * Never throws and never waits for a Redis that is away: the call is then dropped (I7), which is said once for each queue
 * until one arrives again, as a sweep may have hundreds. The same call twice is one job.
 */
export function createEnqueue(queues: Queues, isRedisThere: () => boolean, log: Log): Enqueue {
  const dropping = new Set<JobName>()
  const dropped = (queue: JobName, error?: unknown) => {
    if (!dropping.has(queue))
      log.warn({ queue, err: error }, 'no wake-up can be enqueued: the sweep will find what is due')
    dropping.add(queue)
  }
  const wake = async (name: JobName, call: () => Promise<unknown>) => {
    // A queue that has not reached Redis yet would wait for it as long as it takes.
    if (!isRedisThere()) return dropped(name)
    try {
      await call()
      dropping.delete(name)
    } catch (error) {
      dropped(name, error)
    }
  }
  return {
    expand: (newsletterId, at) =>
      wake('expand', () =>
        queues.expand.add('expand', { newsletterId }, { ...jobOptions, ...whenDue(newsletterId, at) }),
      ),
    deliver: newsletterId =>
      wake('deliver', () =>
        queues.deliver.addBulk(
          Array.from({ length: DELIVER_SLOTS }, (_, slot) => ({
            name: 'deliver',
            data: { newsletterId, slot },
            opts: { ...jobOptions, jobId: `deliver-${newsletterId}-${slot}` },
          })),
        ),
      ),
    notice: noticeId =>
      wake('notice', () =>
        queues.notice.add('notice', { noticeId }, { ...jobOptions, jobId: `notice-${noticeId}` }),
      ),
    dataRequest: dataRequestId =>
      wake('dataRequest', () =>
        queues.dataRequest.add(
          'dataRequest',
          { dataRequestId },
          { ...jobOptions, jobId: `data-request-${dataRequestId}` },
        ),
      ),
  }
}

/** A delayed call has an id of its own: a schedule that is moved must not be held up by the earlier one. */
const whenDue = (newsletterId: number, at: Date | undefined) =>
  at
    ? { jobId: `expand-${newsletterId}-${at.getTime()}`, delay: Math.max(0, at.getTime() - Date.now()) }
    : { jobId: `expand-${newsletterId}` }
