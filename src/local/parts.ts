// Starts the parts that no DATABASE_URL, REDIS_URL or SMTP_URL replaces, and tells the clone's other processes.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalPorts } from '../config'
import { isGiven } from '../secret-files'
import type { Closers } from './closers'
import { keepKeys } from './keys'
import { stopLeftover } from './leftover'
import { startMailbox } from './mailbox'
import { startMariadb } from './mariadb'
import { choosePort, holdPort, isFree } from './ports'
import { LocalProblem, lastLines } from './problem'
import { startRedis } from './redis'
import { writeAtomically } from './write-atomically'

export interface LocalParts {
  ports: LocalPorts
  /** Rejects with a LocalProblem when a private server ends although nobody stopped it. */
  failed: Promise<never>
  /** Lets go of the API's port just before the API takes it. */
  releasePort(): Promise<void>
}

/** Starts what is missing in `env`; `closers` gets everything that must be stopped again. */
export async function startParts(
  dir: string,
  env: NodeJS.ProcessEnv,
  durable: boolean,
  closers: Closers,
): Promise<LocalParts> {
  const keys = keepKeys(join(dir, 'state'))
  const failures: Promise<never>[] = []
  const watch = (name: string, log: string, part: { ended: Promise<void>; stop(): Promise<void> }) => {
    let stopping = false
    const failed = part.ended.then(() => {
      if (stopping) return new Promise<never>(() => {})
      throw new LocalProblem(`The private ${name} ended unexpectedly:${lastLines(join(dir, log))}`)
    })
    failed.catch(() => {}) // whoever races on it reports it
    failures.push(failed)
    closers.add(() => {
      stopping = true
      return part.stop()
    })
  }
  const mariadb = isGiven(env, 'DATABASE_URL') ? undefined : await startMariadb({ dir, durable })
  if (mariadb) watch('MariaDB', 'mariadb.log', mariadb)
  const redis = isGiven(env, 'REDIS_URL') ? undefined : await startRedis({ dir, durable })
  if (redis) watch('Redis', 'redis.log', redis)
  const mailbox = isGiven(env, 'SMTP_URL') ? undefined : await startMailbox({ dir })
  if (mailbox) closers.add(() => mailbox.stop())

  const port = await apiPort(dir, env)
  const releasePort = await holdPort(port)
  closers.add(releasePort)
  const ports: LocalPorts = {
    pid: process.pid,
    databaseUrl: mariadb?.databaseUrl,
    databaseMigrationUrl: mariadb?.databaseMigrationUrl,
    redisUrl: redis?.redisUrl,
    smtpUrl: mailbox?.smtpUrl,
    mailboxUrl: mailbox?.url,
    port,
    ...keys,
  }
  announce(dir, ports, closers)
  return { ports, failed: Promise.race([...failures, new Promise<never>(() => {})]), releasePort }
}

// Without the file every other process knows that local mode is not running.
function announce(dir: string, ports: LocalPorts, closers: Closers): void {
  const file = join(dir, 'ports.json')
  writeAtomically(file, ports)
  closers.add(() => rmSync(file, { force: true }))
}

async function apiPort(dir: string, env: NodeJS.ProcessEnv): Promise<number> {
  if (!env.PORT) return choosePort(dir, 'api', 4000)
  const port = Number(env.PORT)
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new LocalProblem(`PORT must be a whole number from 1 to 65535, not "${env.PORT}".`)
  if (await isFree(port)) return port
  throw new LocalProblem(
    `PORT ${port} is taken by another program. Choose another, or leave PORT unset for a free one.`,
  )
}

/** Removes an earlier run's throw-away data; only for folders that hold nothing else. */
export async function emptyFolder(dir: string): Promise<void> {
  await stopLeftover(join(dir, 'maria/maria.pid'), 'mariadbd')
  await stopLeftover(join(dir, 'redis/redis.pid'), 'redis-server')
  for (const name of readdirSync(dir))
    if (name !== 'owner.json') rmSync(join(dir, name), { recursive: true, force: true })
}
