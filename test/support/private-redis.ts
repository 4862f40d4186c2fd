// A Redis of the test's own, with nothing on disk, that can go away and come back empty on the same port.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { findBinary } from '../../src/local/binaries'
import { until } from './checker'
import { freePort } from './free-port'

export interface PrivateRedis {
  url: string
  start(): Promise<void>
  stop(): Promise<void>
  flush(): Promise<void>
  /** It stays there and answers nothing. */
  freeze(): void
  thaw(): void
}

export async function createPrivateRedis(moreSettings: readonly string[] = []): Promise<PrivateRedis> {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess | undefined
  return {
    url,
    async start() {
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      server = spawn(findBinary('redis-server'), [...settings, ...moreSettings], {
        stdio: 'ignore',
        cwd: '/tmp',
      })
      await until(() => answers(url), 'Redis answers')
    },
    async stop() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
    async flush() {
      const redis = new Redis(url)
      await redis.flushall()
      redis.disconnect()
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  }
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}
