import { setTimeout as sleep } from 'node:timers/promises'
import { isHeld } from '../consent/hold'
import type { DoorHandler } from './door'
import { isRedisThere } from './redis-there'

/** Whoever asks for health has little patience, and a database that is well answers within milliseconds. */
const DATABASE_WAIT_MS = 2_000

/** The process answers. */
export const alive: DoorHandler = (_services, _request, response) => {
  response.set('Cache-Control', 'no-store').json({ status: 'alive' })
}

/**
 * Database there and migrated: ready. Redis away is only a degradation, the API goes on without it (I7); so is a
 * restore that waits for its release: nothing is sent, the rest goes on (I14).
 */
export const ready: DoorHandler = async ({ db, redis }, _request, response) => {
  const [database, isRedis, released] = await Promise.all([
    holds(db.query('SELECT 1 FROM site').then(() => true)),
    isRedisThere(redis),
    holds(isHeld(db.manager).then(held => !held)),
  ])
  const status = database ? (isRedis && released ? 'ready' : 'degraded') : 'unavailable'
  response
    .status(database ? 200 : 503)
    .set('Cache-Control', 'no-store')
    .json({ status, checks: { database, redis: isRedis, released } })
}

/** False also for what fails or takes too long. */
const holds = (check: Promise<boolean>): Promise<boolean> =>
  Promise.race([check.catch(() => false), sleep(DATABASE_WAIT_MS, false, { ref: false })])
