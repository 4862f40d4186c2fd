import { registerEnumType } from 'type-graphql'

/** How far something is that takes a while. */
export enum JobStatus {
  AWAITING_CONFIRMATION = 'AWAITING_CONFIRMATION',
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  READY = 'READY',
  COMPLETED = 'COMPLETED',
  FAILED = 'FAILED',
  EXPIRED = 'EXPIRED',
  CANCELLED = 'CANCELLED',
}
registerEnumType(JobStatus, { name: 'JobStatus' })
