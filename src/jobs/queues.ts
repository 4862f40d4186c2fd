// The contract between API and worker: queue names and payloads. A payload is ids only; the row is the truth.
import type { JobsOptions } from 'bullmq'

export interface Jobs {
  /** Start a newsletter that is due, create its deliveries. */
  expand: { newsletterId: number }
  /** Work on the deliveries of a newsletter until none is free. */
  deliver: { newsletterId: number; slot: number }
  /** Send one notice. */
  notice: { noticeId: number }
  /** Make a copy of somebody's data, or erase it. */
  dataRequest: { dataRequestId: number }
}

export type JobName = keyof Jobs

/** One hash tag per queue: all keys of a queue in one cluster slot, the queues spread over the nodes. */
export const prefixOf = (name: JobName): string => `{weinterrupt-${name}}`

/** Finished jobs leave at once, so that the same wake-up can come again; retrying is the sweep's business. */
export const jobOptions: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 }

/** How many workers may share one newsletter. */
export const DELIVER_SLOTS = 4
