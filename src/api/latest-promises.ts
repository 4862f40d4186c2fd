// What was found about the promises within the last minute: anybody may ask, as often as they like (I15).
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { type FoundPromises, findPromises } from '../privacy/promises/all'
import { ownOrigin } from './own-origin'

const FRESH_MS = 60_000

interface Look {
  /** When it was begun. */
  at: Date
  promises: Promise<FoundPromises>
}

/** One look at a time for each database this process is connected to. */
const looks = new WeakMap<DataSource, Look>()

/** The latest look, or a new one when that is older than a minute, which whoever asks meanwhile waits for as well. */
export async function latestPromises({
  db,
  config,
}: {
  db: DataSource
  config: Config
}): Promise<{ at: Date; promises: FoundPromises }> {
  const latest = looks.get(db)
  const isFresh = latest !== undefined && Date.now() - latest.at.getTime() < FRESH_MS
  const look = isFresh ? latest : begin(db, config)
  return { at: look.at, promises: await look.promises }
}

function begin(db: DataSource, config: Config): Look {
  const look = { at: new Date(), promises: findPromises({ db, config, origin: ownOrigin(config) }) }
  looks.set(db, look)
  // One that failed is nobody's but theirs who waited for it.
  look.promises.catch(() => looks.delete(db))
  return look
}
