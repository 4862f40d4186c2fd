// What was found about the promises within the last minute: anybody may ask, as often as they like (I15).
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { type FoundPromises, findPromises } from '../privacy/promises/all'
import { ownOrigin } from './own-origin'

const FRESH_MS = 60_000

interface Look {
  at: Date
  promises: FoundPromises
}

/** One look at a time for each database this process is connected to. */
const looks = new WeakMap<DataSource, Promise<Look>>()

/** The latest look, or a new one when that is older than a minute. A look that failed is nobody's. */
export async function latestPromises({ db, config }: { db: DataSource; config: Config }): Promise<Look> {
  const latest = await looks.get(db)?.catch(() => undefined)
  if (latest && Date.now() - latest.at.getTime() < FRESH_MS) return latest
  const look = findPromises({ db, config, origin: ownOrigin(config) }).then(promises => ({
    at: new Date(),
    promises,
  }))
  looks.set(db, look)
  return look
}
