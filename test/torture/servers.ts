// Private servers of one run of torture, and the way to kill its MariaDB.
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startMariadb } from '../../src/local/mariadb'
import { startRedis } from '../../src/local/redis'

interface Servers {
  /** SIGKILL, then the same data on the same port again. */
  killMariadb(): Promise<void>
}

let present: Servers | undefined

export function killMariadb(): Promise<void> {
  if (!present) throw new Error('There are no private servers to kill')
  return present.killMariadb()
}

/** Runs the work with a MariaDB and a Redis of its own. `durable`: what was committed survives a kill. */
export async function withDatabases<T>(
  { durable }: { durable: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const dir = resolve('.local', `torture-${process.pid}`)
  const earlier = process.env.TEST_DATABASES
  const redis = await startRedis({ dir, durable: false })
  let mariadb = await startMariadb({ dir, durable })
  const { databaseUrl, databaseMigrationUrl } = mariadb
  process.env.TEST_DATABASES = JSON.stringify({
    databaseUrl,
    databaseMigrationUrl,
    redisUrl: redis.redisUrl,
  })
  present = {
    async killMariadb() {
      process.kill(Number(readFileSync(join(dir, 'maria', 'maria.pid'), 'utf8')), 'SIGKILL')
      await mariadb.ended
      mariadb = await startMariadb({ dir, durable })
      if (mariadb.databaseUrl !== databaseUrl) throw new Error('MariaDB came back on another port')
    },
  }
  try {
    return await work()
  } finally {
    present = undefined
    process.env.TEST_DATABASES = earlier
    await Promise.all([mariadb.stop(), redis.stop()])
    rmSync(dir, { recursive: true, force: true })
  }
}
