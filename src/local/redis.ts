import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { findBinary } from './binaries'
import { type Guarded, runGuarded } from './guarded'
import { stopLeftover } from './leftover'
import type { ServerOptions } from './mariadb'
import { choosePort } from './ports'
import { LocalProblem, lastLines, readLog } from './problem'

export interface PrivateRedis {
  redisUrl: string
  ended: Promise<void>
  stop(): Promise<void>
}

const PORT_ATTEMPTS = 3
const READY_WITHIN_MS = 60_000

/** Starts the folder's Redis and answers when it can be used. */
export async function startRedis(options: ServerOptions): Promise<PrivateRedis> {
  const folder = join(options.dir, 'redis')
  await stopLeftover(join(folder, 'redis.pid'), 'redis-server')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const logFile = join(options.dir, 'redis.log')
  for (let left = PORT_ATTEMPTS; ; left -= 1) {
    const port = await choosePort(options.dir, 'redis')
    const password = randomBytes(24).toString('base64url')
    // A file, not arguments: every user of the machine can read a process's arguments.
    writeFileSync(join(folder, 'redis.conf'), configuration(port, password, options.durable), { mode: 0o600 })
    const server = runGuarded({
      command: findBinary('redis-server'),
      args: ['redis.conf'],
      cwd: folder,
      logFile,
    })
    const redisUrl = `redis://:${password}@127.0.0.1:${port}`
    if (await isReady(server, redisUrl)) return { redisUrl, ended: server.ended, stop: server.stop }
    await server.stop()
    if (left <= 1 || !/Address already in use/i.test(readLog(logFile)))
      throw new LocalProblem(`The private Redis in ${options.dir} does not start:${lastLines(logFile)}`)
  }
}

// noeviction: BullMQ loses jobs under any other policy.
const configuration = (port: number, password: string, durable: boolean) => `port ${port}
bind 127.0.0.1
requirepass ${password}
dir ./
pidfile redis.pid
daemonize no
save ""
appendonly ${durable ? 'yes' : 'no'}
appendfsync everysec
maxmemory-policy noeviction
`

async function isReady(server: Guarded, url: string): Promise<boolean> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(30)) {
    if (server.hasEnded()) return false
    if (await answers(url)) return true
  }
  return false
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  redis.on('error', () => {}) // refused while it starts
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}
