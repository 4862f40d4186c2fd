import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { findBinary } from './binaries'
import { requireSpace } from './folder'
import { type Guarded, runGuarded } from './guarded'
import { stopLeftover } from './leftover'
import { asRoot, installMariadb, type MariadbAccounts, OWNER, RUNTIME } from './mariadb-install'
import { choosePort } from './ports'
import { LocalProblem, lastLines, readLog } from './problem'

export interface ServerOptions {
  dir: string
  /** True keeps every committed row over a power cut; false is fast, for data nobody will miss. */
  durable: boolean
  /** More arguments of mariadbd: trials of a cluster, say. */
  settings?: readonly string[]
}

export interface PrivateMariadb {
  databaseUrl: string
  databaseMigrationUrl: string
  ended: Promise<void>
  stop(): Promise<void>
}

const PORT_ATTEMPTS = 3
// Crash recovery of a large folder takes its time; a server that is still alive is waited for.
const READY_WITHIN_MS = 300_000

/** Starts the folder's MariaDB, making the data folder first where needed, and answers when it can be used. */
export async function startMariadb(options: ServerOptions): Promise<PrivateMariadb> {
  await stopLeftover(join(options.dir, 'maria', 'maria.pid'), 'mariadbd')
  requireSpace(options.dir)
  try {
    return await attempt(options)
  } catch (error) {
    if (options.durable || !(error instanceof LocalProblem)) throw error
    // Throw-away data: a folder that does not start is made anew, once.
    rmSync(join(options.dir, 'maria'), { recursive: true, force: true })
    return await attempt(options)
  }
}

async function attempt(options: ServerOptions): Promise<PrivateMariadb> {
  const accounts = await installMariadb(options.dir)
  const logFile = join(options.dir, 'mariadb.log')
  for (let left = PORT_ATTEMPTS; ; left -= 1) {
    const port = await choosePort(options.dir, 'mariadb')
    const server = runGuarded({
      command: findBinary('mariadbd'),
      args: [
        ...asRoot(),
        `--tmpdir=${resolve(options.dir)}`,
        ...serverArguments(port, options.durable),
        ...(options.settings ?? []),
      ],
      cwd: join(options.dir, 'maria'),
      logFile,
    })
    if (await isReady(server, port, accounts)) return running(server, port, accounts)
    await server.stop()
    const portTaken = /Bind on TCP\/IP port|Address already in use/i.test(readLog(logFile))
    if (!portTaken || left <= 1)
      throw new LocalProblem(`The private MariaDB in ${options.dir} does not start:${lastLines(logFile)}`)
  }
}

const running = (server: Guarded, port: number, accounts: MariadbAccounts): PrivateMariadb => ({
  databaseUrl: `mysql://${RUNTIME}:${accounts.runtime}@127.0.0.1:${port}/weinterrupt`,
  databaseMigrationUrl: `mysql://${OWNER}:${accounts.owner}@127.0.0.1:${port}/weinterrupt`,
  ended: server.ended,
  stop: server.stop,
})

// Relative paths: the working directory is the data folder, and a socket's path may not exceed 107 characters.
const serverArguments = (port: number, durable: boolean) => [
  '--datadir=.',
  '--socket=maria.sock',
  '--pid-file=maria.pid',
  `--port=${port}`,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--skip-log-bin',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci',
  '--max-connections=200',
  '--innodb-buffer-pool-size=256M',
  '--local-infile=0',
  ...(durable ? ['--innodb-flush-log-at-trx-commit=1', '--innodb-doublewrite=1'] : THROW_AWAY),
]

// Nothing is forced to the disk, and no statistics are kept of tables that come and go by the thousand: making those of
// one product took 1.7 s instead of 0.5.
const THROW_AWAY = [
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--innodb-flush-method=nosync',
  '--skip-sync-frm',
  '--innodb-file-per-table=0',
  '--innodb-stats-persistent=0',
]

async function isReady(server: Guarded, port: number, accounts: MariadbAccounts): Promise<boolean> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until; await pause(50)) {
    if (server.hasEnded()) return false
    if (await answers(port, accounts)) return true
  }
  return false
}

// Logging in as the owner also proves that it is our server and not another one on this port.
async function answers(port: number, accounts: MariadbAccounts): Promise<boolean> {
  try {
    const connection = await createConnection({
      host: '127.0.0.1',
      port,
      user: OWNER,
      password: accounts.owner,
      database: 'weinterrupt',
    })
    await connection.end()
    return true
  } catch {
    return false
  }
}
