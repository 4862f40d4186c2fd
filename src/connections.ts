// Opens what both processes need and closes it in reverse. Nothing connects on import.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { DataSource } from 'typeorm'
import type { Config } from './config'
import { gateFacts } from './consent/gate'
import { createDataSource } from './database/data-source'
import { createEnqueue, type Enqueue, type Queues } from './jobs/enqueue'
import { type JobName, prefixOf } from './jobs/queues'
import { type Log } from './log'
import { createPackets, type Packets } from './packets'
import { createKeyring, type Keyring } from './secrets/keyring'

export interface Connections {
  db: DataSource
  /** A few connections that only doors of withdrawals use, so that nothing else can take them (I5). */
  withdrawals: DataSource
  /** For gates and withdrawals: several statements a round trip, on connections of their own. */
  packets: Packets
  keyring: Keyring
  redis: Redis | Cluster
  enqueue: Enqueue
  close(): Promise<void>
}

/** A Redis connection; more than one URL means a cluster. Errors are logged, never thrown: Redis is disposable (I7). */
export function createRedis(config: Config, log: Log, options: RedisOptions): Redis | Cluster {
  const [first, ...others] = config.redisUrls
  const redis =
    first && others.length === 0
      ? new Redis(first, options)
      : new Cluster([...config.redisUrls], { redisOptions: options })
  let isAway = false
  redis.on('error', error => {
    if (!isAway) log.error({ err: error }, 'Redis is away')
    isAway = true
  })
  redis.on('ready', () => {
    if (isAway) log.info('Redis is back')
    isAway = false
  })
  return redis
}

/** A Redis that is there answers within milliseconds; for one that is away nobody waits long. */
export const REDIS_WAIT_MS = 2000

const WITHDRAWAL_CONNECTIONS = 8

/**
 * Connects to MariaDB (throws when it is not there) and prepares the queues. `waitMs`: how long anybody waits for the
 * database, but for gates, which wait DATABASE_WAIT_SECONDS at most.
 */
export async function connect(
  config: Config,
  log: Log,
  waitMs = config.databaseWaitMs,
): Promise<Connections> {
  const db = await createDataSource(config.databaseUrl, { waitMs }).initialize()
  const withdrawals = await createDataSource(config.databaseUrl, {
    connections: WITHDRAWAL_CONNECTIONS,
    waitMs,
  }).initialize()
  // Callers of the API should not wait for a Redis that is away or hangs.
  const redis = createRedis(config, log, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: REDIS_WAIT_MS,
  })
  await Promise.race([once(redis, 'ready').catch(() => {}), sleep(REDIS_WAIT_MS, undefined, { ref: false })])
  const queue = (name: JobName) => {
    const made = new Queue(name, { connection: redis, prefix: prefixOf(name) })
    made.on('error', error => log.debug({ queue: name, err: error }, 'queue error'))
    return made
  }
  const queues: Queues = {
    notice: queue('notice'),
    expand: queue('expand'),
    deliver: queue('deliver'),
    dataRequest: queue('dataRequest'),
  }
  const packets = createPackets(config.databaseUrl, config.databaseWaitMs, [gateFacts])
  return {
    db,
    withdrawals,
    packets,
    keyring: createKeyring(config.secretKeys, config.addressKey),
    redis,
    enqueue: createEnqueue(queues, () => redis.status === 'ready', log),
    async close() {
      // Queues that never reached Redis do not close by themselves.
      const closed = Promise.allSettled(Object.values(queues).map(one => one.close()))
      await Promise.race([closed, sleep(REDIS_WAIT_MS, undefined, { ref: false })])
      redis.disconnect()
      await packets.end()
      await withdrawals.destroy()
      await db.destroy()
    },
  }
}
