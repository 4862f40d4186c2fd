// One private MariaDB and Redis for the whole run, thrown away afterwards; never the servers of `npm start`.
import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { startDatabases } from '../../src/local/databases'
import { findLeaks, prepareLeakFolder } from './leaks'

export default async function setup(): Promise<void> {
  const dir = resolve('.local', `test-${process.pid}`)
  const databases = await startDatabases({ dir, durable: false })
  process.env.TEST_DATABASES = JSON.stringify(databases)
  const written = join(dir, 'written')
  prepareLeakFolder(written)
  await keepCommands(databases.redisUrl)
  ;(globalThis as { stopDatabases?: () => Promise<void> }).stopDatabases = async () => {
    await databases.stop()
    const { leaks, canaries, bytes } = findLeaks(written, commandFiles(dir))
    rmSync(dir, { recursive: true, force: true })
    if (leaks.length > 0)
      throw new Error(`The product wrote what it must not:\n${leaks.slice(0, 20).join('\n')}`)
    const where = `${(bytes / 1e6).toFixed(1)} MB of logs and jobs`
    console.log(`None of ${canaries} names and secrets, no address and no token in ${where}.`)
  }
}

/** Redis then writes down whatever it is told: jobs that are done are gone from its memory. */
async function keepCommands(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.config('SET', 'auto-aof-rewrite-percentage', '0')
  await redis.config('SET', 'appendfsync', 'no')
  await redis.config('SET', 'appendonly', 'yes')
  redis.disconnect()
}

function commandFiles(dir: string): string[] {
  const folder = join(dir, 'redis/appendonlydir')
  return readdirSync(folder).map(name => join(folder, name))
}
