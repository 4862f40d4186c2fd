// The product as a test sees it: a database of its own made by the real migrations, API and worker, mail caught by a sink.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { createServer } from '../../src/api/server'
import { type Config, loadConfig } from '../../src/config'
import { type Connections, connect } from '../../src/connections'
import { adoptFirstEpoch } from '../../src/consent/epoch'
import { firstStart } from '../../src/consent/first-start'
import { migrate } from '../../src/database/migrate'
import { createLog } from '../../src/log'
import { transaction } from '../../src/transaction'
import { startWorkers } from '../../src/worker/workers'
import { freePort } from './free-port'
import { canary, logTarget, testLogLevel } from './leaks'
import { type SmtpSink, startSmtpSink } from './smtp-sink'

export interface Product {
  config: Config
  /** What a process of its own needs to join in. */
  env: NodeJS.ProcessEnv
  connections: Connections
  sink: SmtpSink
  url: string
  startWorker(): () => Promise<void>
  stop(): Promise<void>
}

export interface ProductOptions {
  /** Start a worker in this process; otherwise the test starts its own. */
  worker?: boolean
  sink?: Parameters<typeof startSmtpSink>[0]
  env?: NodeJS.ProcessEnv
}

const SWEEP_MS = 400

/** As long as the workers take to look so many times for what is due: for what must not happen. */
export const sweeps = (count: number): Promise<void> => sleep(count * SWEEP_MS)

interface Databases {
  databaseUrl: string
  databaseMigrationUrl: string
  redisUrl: string
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const sink = await startSmtpSink(options.sink)
  const env = { ...(await emptyEnvironment(sink.url)), ...options.env }
  const config = loadConfig(env, undefined)
  await migrate(config.databaseMigrationUrl, config.databaseUrl)
  const log = createLog(config.logLevel, 'test', logTarget())
  const connections = await connect(config, log)
  await connections.redis.flushdb()
  await transaction(connections.db, tx => firstStart(tx, { ...config, contact: config.siteContact }))
  await adoptFirstEpoch(connections.db.manager, config.stateDir)
  const api = await createServer({ ...connections, config, log })
  api.http.listen(config.port, config.host)
  await once(api.http, 'listening')
  const stops: (() => Promise<void>)[] = []
  const startWorker = () => {
    const stop = startWorkers(config, connections, log)
    stops.push(stop)
    return stop
  }
  if (options.worker !== false) startWorker()
  return {
    config,
    env,
    connections,
    sink,
    url: `http://127.0.0.1:${config.port}`,
    startWorker,
    async stop() {
      for (const stop of stops) await stop()
      await api.stop()
      await connections.close()
      await sink.close()
    },
  }
}

let products = 0
/** Redis has 16, five for each of three workers; two products in one would take each other's jobs. */
const redisDatabase = (): number => (Number(process.env.JEST_WORKER_ID ?? 1) - 1) * 5 + (products++ % 5)

/** A fresh database, a Redis database nobody else in this run uses, a free port. */
export async function emptyEnvironment(smtpUrl: string): Promise<NodeJS.ProcessEnv> {
  const databases = JSON.parse(process.env.TEST_DATABASES ?? '{}') as Databases
  const name = `weinterrupt_${randomBytes(6).toString('hex')}`
  const owner = await mysql.createConnection(databases.databaseMigrationUrl)
  await owner.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  await owner.end()
  const secret = randomBytes(32).toString('base64')
  const addressKey = randomBytes(32).toString('base64')
  canary(secret, addressKey, ...Object.values(databases).map(url => new URL(url).password))
  return {
    NODE_ENV: 'test',
    DATABASE_URL: withPath(databases.databaseUrl, name),
    DATABASE_MIGRATION_URL: withPath(databases.databaseMigrationUrl, name),
    REDIS_URL: withPath(databases.redisUrl, String(redisDatabase())),
    SMTP_URL: smtpUrl,
    PORT: String(await freePort()),
    SECRET_KEYS: `1:${secret}`,
    ADDRESS_KEY: addressKey,
    STATE_DIR: mkdtempSync(join(tmpdir(), 'weinterrupt-test-')),
    MAIL_FROM: 'news@site.example',
    MAIL_FROM_NOTICES: 'hello@notices.site.example',
    OWN_HOSTS: 'site.example',
    POSTAL_ADDRESS: 'We Interrupt, 1 Example Street',
    LEASE_SECONDS: '3',
    SWEEP_SECONDS: String(SWEEP_MS / 1000),
    UNDO_SECONDS: '0',
    LOG_LEVEL: testLogLevel(),
  }
}

function withPath(url: string, path: string): string {
  const changed = new URL(url)
  changed.pathname = `/${path}`
  return changed.toString()
}
