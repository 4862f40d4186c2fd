// Private servers of one run: their MariaDB can be killed, frozen, and told what only its root may say.
import { readFileSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import mysql from 'mysql2/promise'
import { startMariadb } from '../../src/local/mariadb'
import { startRedis } from '../../src/local/redis'

export interface Servers {
  /** SIGKILL, then the same data on the same port again. */
  killMariadb(): Promise<void>
  /** It stays there and answers nothing, until `thawMariadb`. */
  freezeMariadb(): void
  thawMariadb(): void
  /** With every privilege, over the socket in its folder. */
  asRoot(sql: string): Promise<void>
  stop(): Promise<void>
}

let present: Servers | undefined

/** Those of the run under way. */
export function servers(): Servers {
  if (!present) throw new Error('There are no private servers')
  return present
}

/** Starts a MariaDB and a Redis of its own for what is started next. `durable`: what was committed survives a kill. */
export async function startServers({ durable }: { durable: boolean }): Promise<Servers> {
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
  const signal = (name: NodeJS.Signals) =>
    process.kill(Number(readFileSync(join(dir, 'maria', 'maria.pid'), 'utf8')), name)
  present = {
    async killMariadb() {
      signal('SIGKILL')
      await mariadb.ended
      mariadb = await startMariadb({ dir, durable })
      if (mariadb.databaseUrl !== databaseUrl) throw new Error('MariaDB came back on another port')
    },
    freezeMariadb: () => void signal('SIGSTOP'),
    thawMariadb: () => void signal('SIGCONT'),
    async asRoot(sql) {
      const root = await mysql.createConnection({
        socketPath: join(dir, 'maria', 'maria.sock'),
        user: userInfo().username,
      })
      await root.query(sql)
      await root.end()
    },
    async stop() {
      present = undefined
      process.env.TEST_DATABASES = earlier
      await Promise.all([mariadb.stop(), redis.stop()])
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return present
}

/** Runs the work with servers of its own. */
export async function withDatabases<T>(options: { durable: boolean }, work: () => Promise<T>): Promise<T> {
  const started = await startServers(options)
  try {
    return await work()
  } finally {
    await started.stop()
  }
}
