// One private MariaDB and Redis for the whole run, thrown away afterwards; never the servers of `npm start`.
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { startDatabases } from '../../src/local/databases'

export default async function setup(): Promise<void> {
  const dir = resolve('.local', `test-${process.pid}`)
  const databases = await startDatabases({ dir, durable: false })
  process.env.TEST_DATABASES = JSON.stringify(databases)
  ;(globalThis as { stopDatabases?: () => Promise<void> }).stopDatabases = async () => {
    await databases.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
