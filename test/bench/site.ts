// One site to measure: a database of its own on the private servers, its API process, an admin. Doors as in the tests.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { type Config, loadConfig } from '../../src/config'
import { type Connections, connect } from '../../src/connections'
import { findBinary, lookFor } from '../../src/local/binaries'
import { startDatabases } from '../../src/local/databases'
import { untilReady } from '../../src/local/ready'
import { createLog } from '../../src/log'
import { makeStaff, type Staff } from '../support/actors'
import { emptyEnvironment, type Product } from '../support/product'
import { type Running, start } from './processes'

export interface Servers {
  dir: string
  mariadbPid: number
  /** Owner of the databases; may read the server's counters. */
  ownerUrl: string
  stop(): Promise<void>
}

export interface Site {
  dir: string
  servers: Servers
  env: NodeJS.ProcessEnv
  config: Config
  connections: Connections
  url: string
  api: Running
  admin: Staff
  /** What the factories of the tests take. */
  product: Product
  close(): Promise<void>
}

/** Durable private MariaDB and Redis in the folder, with room for a million readers in memory. */
export async function startServers(dir: string): Promise<Servers> {
  const databases = await startDatabases({ dir, durable: true })
  process.env.TEST_DATABASES = JSON.stringify(databases)
  const folder = join(dir, 'maria')
  // As on a server meant for this. Asked of its own root account, over its socket.
  const settings =
    'SET GLOBAL innodb_buffer_pool_size = 2147483648; SET GLOBAL innodb_log_file_size = 536870912'
  const client = lookFor('mariadb') ?? findBinary('mysql')
  const { status, stderr } = spawnSync(client, ['--no-defaults', '--socket=maria.sock', '-e', settings], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`MariaDB does not take its settings: ${stderr}`)
  return {
    dir,
    mariadbPid: Number(readFileSync(join(folder, 'maria.pid'), 'utf8')),
    ownerUrl: databases.databaseMigrationUrl,
    stop: databases.stop,
  }
}

let sites = 0

/** An empty site with its API running. */
export async function openSite(servers: Servers): Promise<Site> {
  const dir = servers.dir
  const env = {
    PATH: process.env.PATH,
    ...(await emptyEnvironment('smtp://127.0.0.1:9')),
    // What an operator gets who sets nothing.
    NODE_ENV: 'production',
    LEASE_SECONDS: '',
    SWEEP_SECONDS: '',
    LOG_LEVEL: 'info',
  }
  const config = loadConfig(env, undefined)
  const api = await start({
    command: process.execPath,
    args: ['dist/api/main.js'],
    env,
    logFile: join(dir, `api-${sites++}.log`),
  })
  const url = `http://127.0.0.1:${config.port}`
  await untilReady(url)
  const connections = await connect(config, createLog('silent', 'bench'))
  await connections.redis.flushdb()
  // The factories use no more than this of it.
  const product = { config, env, connections, url } as unknown as Product
  const admin = await makeStaff(product, 'ADMIN')
  return {
    dir,
    servers,
    env,
    config,
    connections,
    url,
    api,
    admin,
    product,
    async close() {
      await api.stop()
      await connections.close()
      await dropDatabase(config)
    },
  }
}

async function dropDatabase(config: Config): Promise<void> {
  const owner = await mysql.createConnection(config.databaseMigrationUrl)
  await owner.query(`DROP DATABASE ${new URL(config.databaseUrl).pathname.slice(1)}`)
  await owner.end()
}
