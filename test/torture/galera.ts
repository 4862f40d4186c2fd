// Two nodes of a Galera cluster: the worker's gates commit on one, readers leave on the other. Locks do not reach the other
// node; what does is that both write the reader's row, so that one of the two commits fails and is done again (I4).
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { type PrivateMariadb, startMariadb } from '../../src/local/mariadb'
import { freePort } from '../support/free-port'
import { outputOf } from '../support/leaks'
import type { Verdict } from './judge'
import { torturedByRaces } from './races'
import type { Rig } from './rig'
import type { TimesOptions } from './sigterm'

const PROVIDER = '/usr/lib/galera/libgalera_smm.so'

export async function torturedByGaleraRaces(options: TimesOptions): Promise<Verdict> {
  if (!existsSync(PROVIDER)) throw new Error("Debian's package galera-4 is missing")
  const dir = resolve('.local', `galera-${process.pid}`)
  const earlier = JSON.parse(process.env.TEST_DATABASES ?? '{}')
  const nodes = await startCluster(dir)
  let api: ChildProcess | undefined
  try {
    const [first, second] = nodes
    const { databaseUrl, databaseMigrationUrl } = first
    process.env.TEST_DATABASES = JSON.stringify({ ...earlier, databaseUrl, databaseMigrationUrl })
    const verdict = await torturedByRaces(options, {
      // A withdrawal over two nodes takes longer: so must a message, or nobody meets.
      delayMs: 40,
      prepare: async rig => {
        api = await startApiOn(rig, second)
      },
    })
    return { ...verdict, mode: 'galera-races' }
  } finally {
    process.env.TEST_DATABASES = JSON.stringify(earlier)
    api?.kill('SIGTERM')
    await Promise.all(nodes.map(node => node.stop()))
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The second node starts from a copy of the first one's folder, so that no state has to be transferred. */
async function startCluster(dir: string): Promise<[PrivateMariadb, PrivateMariadb]> {
  const [one, other] = [join(dir, 'one'), join(dir, 'other')]
  const ports = [await freePort(), await freePort()] as const
  for (const folder of [one, other]) mkdirSync(folder, { recursive: true })
  const seed = await startMariadb({ dir: one, durable: true, settings: member(ports[0], '') })
  await seed.stop()
  cpSync(one, other, { recursive: true, filter: source => !/last-ports|galera\.cache|\.log$/.test(source) })
  const first = await startMariadb({ dir: one, durable: true, settings: member(ports[0], '') })
  const cluster = `127.0.0.1:${ports[0]}`
  bringToJoining(other)
  const second = await startMariadb({ dir: other, durable: true, settings: member(ports[1], cluster) })
  await untilSynced(second)
  return [first, second]
}

/** Founding the cluster was an event as well: with it the copy is up to date. */
function bringToJoining(dir: string): void {
  const file = join(dir, 'maria', 'grastate.dat')
  const state = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    state.replace(/^(seqno: +)(\d+)$/m, (_, label, seqno) => `${label}${Number(seqno) + 1}`),
  )
}

async function untilSynced({ databaseMigrationUrl }: PrivateMariadb): Promise<void> {
  const connection = await createConnection(databaseMigrationUrl)
  let state: unknown
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SHOW STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')",
    )
    state = rows.map(row => row.Value).join(' ')
    if (state === 'Synced 2') return connection.end()
  }
  throw new Error(`The second node has not joined: ${state}`)
}

/** An empty cluster address founds a new cluster. */
const member = (port: number, cluster: string): string[] => [
  '--wsrep-on=ON',
  `--wsrep-provider=${PROVIDER}`,
  '--wsrep-cluster-name=torture',
  `--wsrep-cluster-address=gcomm://${cluster}`,
  `--wsrep-node-address=127.0.0.1:${port}`,
  `--wsrep-provider-options=base_host=127.0.0.1;base_port=${port};gmcast.listen_addr=tcp://127.0.0.1:${port};ist.recv_addr=127.0.0.1:${port + 1}`,
  '--binlog-format=ROW',
  '--log-bin-trust-function-creators=1',
  '--innodb-autoinc-lock-mode=2',
]

/** An API process on the other node, where readers leave from now on. */
async function startApiOn(rig: Rig, node: PrivateMariadb): Promise<ChildProcess> {
  const { env } = rig.product
  const onNode = (url: string | undefined): string => {
    const moved = new URL(url ?? '')
    moved.port = new URL(node.databaseUrl).port
    return moved.href
  }
  const port = await freePort()
  const api = spawn(process.execPath, ['dist/api/main.js'], {
    env: {
      PATH: process.env.PATH,
      ...env,
      DATABASE_URL: onNode(env.DATABASE_URL),
      DATABASE_MIGRATION_URL: onNode(env.DATABASE_MIGRATION_URL),
      PORT: String(port),
    },
    stdio: ['ignore', outputOf(), outputOf()],
  })
  rig.leaveAt = `http://127.0.0.1:${port}`
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100))
    if (
      await fetch(`${rig.leaveAt}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return api
  api.kill('SIGKILL')
  throw new Error('The API on the other node does not get ready')
}
