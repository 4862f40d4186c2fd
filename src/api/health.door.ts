import { isHeld } from '../consent/hold'
import type { DoorHandler } from './door'
import { isRedisThere } from './redis-there'

/** The process answers. */
export const alive: DoorHandler = (_services, _request, response) => {
  response.set('Cache-Control', 'no-store').json({ status: 'alive' })
}

/**
 * Database there and migrated: ready. Redis away is only a degradation, the API goes on without it (I7); so is a
 * restore that waits for its release: nothing is sent, the rest goes on (I14).
 */
export const ready: DoorHandler = async ({ db, redis }, _request, response) => {
  const checks = {
    database: await holds(() => db.query('SELECT 1 FROM site')),
    redis: await isRedisThere(redis),
    released: await isHeld(db.manager).then(
      held => !held,
      () => false,
    ),
  }
  const isWhole = checks.redis && checks.released
  response
    .status(checks.database ? 200 : 503)
    .set('Cache-Control', 'no-store')
    .json({ status: checks.database ? (isWhole ? 'ready' : 'degraded') : 'unavailable', checks })
}

const holds = (check: () => Promise<unknown>): Promise<boolean> =>
  check().then(
    () => true,
    () => false,
  )
