// Private servers of one run: their MariaDB can be killed, frozen, and told what only its root may say.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import mysql from 'mysql2/promise'
import { startMariadb } from '../../src/local/mariadb'
import { startRedis } from '../../src/local/redis'

export interface Servers {
  /** SIGKILL, then the same data on the same port again. */
  killMariadb(): Promise<void>
  /** Starts it again if it has ended by itself, as a supervisor would; true if it had. */
  reviveMariadb(): Promise<boolean>
  /** It stays there and answers nothing, until `thawMariadb`. */
  freezeMariadb(): void
  thawMariadb(): void
  /** Not one byte more fits beside the data, until `freeDisk`; only with `megabytes`. */
  fillDisk(): void
  freeDisk(): void
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

export interface ServerOptions {
  /** What was committed survives a kill. */
  durable: boolean
  /** On a disk of its own, of this size; only root may make one. */
  megabytes?: number
}

/** Starts a MariaDB and a Redis of its own for what is started next. */
export async function startServers({ durable, megabytes }: ServerOptions): Promise<Servers> {
  const dir = resolve('.local', `torture-${process.pid}`)
  const unmount = megabytes ? mountDisk(dir, megabytes) : () => {}
  const earlier = process.env.TEST_DATABASES
  const redis = await startRedis({ dir, durable: false })
  let mariadb = await startMariadb({ dir, durable })
  const { databaseUrl, databaseMigrationUrl } = mariadb
  process.env.TEST_DATABASES = JSON.stringify({
    databaseUrl,
    databaseMigrationUrl,
    redisUrl: redis.redisUrl,
  })
  let hasEnded = false
  const watch = () => void mariadb.ended.then(() => (hasEnded = true))
  watch()
  const again = async () => {
    mariadb = await startMariadb({ dir, durable })
    if (mariadb.databaseUrl !== databaseUrl) throw new Error('MariaDB came back on another port')
    hasEnded = false
    watch()
  }
  const signal = (name: NodeJS.Signals) =>
    process.kill(Number(readFileSync(join(dir, 'maria', 'maria.pid'), 'utf8')), name)
  present = {
    async killMariadb() {
      signal('SIGKILL')
      await mariadb.ended
      await again()
    },
    async reviveMariadb() {
      if (!hasEnded) return false
      await again()
      return true
    },
    freezeMariadb: () => void signal('SIGSTOP'),
    thawMariadb: () => void signal('SIGCONT'),
    fillDisk: () => fill(join(dir, 'filler')),
    freeDisk: () => rmSync(join(dir, 'filler'), { force: true }),
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
      unmount()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return present
}

function mountDisk(dir: string, megabytes: number): () => void {
  mkdirSync(dir, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir])
  return () => void execFileSync('umount', ['--lazy', dir])
}

function fill(file: string): void {
  const filler = openSync(file, 'a')
  try {
    for (let bytes = 1 << 20; bytes > 0; )
      try {
        writeSync(filler, Buffer.alloc(bytes))
      } catch {
        bytes >>= 1
      }
  } finally {
    closeSync(filler)
  }
}

/** Runs the work with servers of its own. */
export async function withDatabases<T>(options: ServerOptions, work: () => Promise<T>): Promise<T> {
  const started = await startServers(options)
  try {
    return await work()
  } finally {
    await started.stop()
  }
}
