import { setTimeout as sleep } from 'node:timers/promises'
import type { Services } from './context'

/** One that is there answers within a millisecond or two; nobody waits longer for one that hangs. */
const REDIS_WAIT_MS = 500

/** Whether Redis answers this process. Never throws. */
export async function isRedisThere(redis: Services['redis']): Promise<boolean> {
  if (redis.status !== 'ready') return false
  const answers = redis.ping().then(
    () => true,
    () => false,
  )
  return Promise.race([answers, sleep(REDIS_WAIT_MS, false, { ref: false })])
}
