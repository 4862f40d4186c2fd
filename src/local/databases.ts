import { lockFolder } from './folder'
import { type ServerOptions, startMariadb } from './mariadb'
import { startRedis } from './redis'

/** What a test or a trial needs from private servers. */
export interface PrivateDatabases {
  databaseUrl: string
  databaseMigrationUrl: string
  redisUrl: string
  stop(): Promise<void>
}

/**
 * Starts a private MariaDB and Redis with their data in `dir`, which no other process may be using.
 * They end with this process, however it ends.
 */
export async function startDatabases(options: ServerOptions): Promise<PrivateDatabases> {
  const unlock = lockFolder(options.dir)
  const [mariadb, redis] = await Promise.allSettled([startMariadb(options), startRedis(options)])
  const stop = async () => {
    const started = [mariadb, redis].filter(part => part.status === 'fulfilled')
    await Promise.all(started.map(part => part.value.stop()))
    unlock()
  }
  if (mariadb.status === 'fulfilled' && redis.status === 'fulfilled') {
    const { databaseUrl, databaseMigrationUrl } = mariadb.value
    return { databaseUrl, databaseMigrationUrl, redisUrl: redis.value.redisUrl, stop }
  }
  await stop()
  throw (mariadb.status === 'rejected' ? mariadb : (redis as PromiseRejectedResult)).reason
}
