// Streams about a job: it is looked at every second, for as long as the log-in holds by which the stream was opened.
import { setTimeout as sleep } from 'node:timers/promises'
import { JobStatus } from '../entities/job-status'

const EVERY_MS = 1000
const UNDER_WAY: readonly JobStatus[] = [JobStatus.QUEUED, JobStatus.RUNNING]

/** What each look found; the last one is of a job that is no longer under way. */
export async function* whileUnderWay<Job extends { status: JobStatus }>(
  look: () => Promise<Job>,
  isLoggedIn: () => Promise<boolean>,
): AsyncGenerator<Job> {
  while (await isLoggedIn()) {
    const job = await look()
    yield job
    if (!UNDER_WAY.includes(job.status)) return
    await sleep(EVERY_MS)
  }
}
