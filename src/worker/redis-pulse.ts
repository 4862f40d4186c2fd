// Whether Redis is there: one that is frozen keeps its connections, and only says nothing any more.
import { performance } from 'node:perf_hooks'
import type { Cluster, Redis } from 'ioredis'
import type { Log } from '../log'

export interface RedisPulse {
  /** False from the moment the connection is lost, and two seconds after the last answer. */
  isThere(): boolean
  stop(): void
}

const PULSE_MS = 500
/** One that is there answers within milliseconds. */
const SILENT_MS = 2000

/** Asks twice a second; says once that Redis is away, and once that it is back. */
export function startRedisPulse(redis: Redis | Cluster, log: Log): RedisPulse {
  let answeredAt = performance.now()
  let wasThere = true
  const isThere = () => redis.status === 'ready' && performance.now() - answeredAt < SILENT_MS
  const look = () => {
    const answered = () => {
      answeredAt = performance.now()
    }
    redis.ping().then(answered, () => {})
    if (isThere() === wasThere) return
    wasThere = !wasThere
    if (wasThere) log.info('Redis answers: sending goes on')
    else log.error('Redis does not answer: nothing is sent until it does')
  }
  const timer = setInterval(look, PULSE_MS)
  return { isThere, stop: () => clearInterval(timer) }
}
