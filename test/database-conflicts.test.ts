import mysql, { type Connection } from 'mysql2/promise'
import type { DataSource } from 'typeorm'
import { createDataSource } from '../src/database/data-source'
import { COMMIT, createPackets, inPackets, type Packets, START } from '../src/packets'
import { transaction } from '../src/transaction'
import type { AnyData } from './support/api'
import { emptyEnvironment } from './support/product'

/** The pool lets a lock wait for half of it. */
const WAIT_MS = 2000
/** The first try, and five more. */
const MOST = 6

/** One statement of ours, on the connection of our transaction; answers the rows. */
type Ask = (sql: string) => Promise<AnyData[]>
type Work = (ask: Ask) => Promise<unknown>

/** Runs as the owner of the tables, as the rival does. */
let url: string
let watcher: Connection
let rival: Connection
let db: DataSource
let packets: Packets

beforeAll(async () => {
  url = String((await emptyEnvironment('smtp://127.0.0.1:1')).DATABASE_MIGRATION_URL)
  watcher = await mysql.createConnection(url)
  rival = await mysql.createConnection(url)
  await watcher.query('CREATE TABLE counter (id INT PRIMARY KEY, n INT NOT NULL, rivals INT NOT NULL)')
  await watcher.query('CREATE TABLE applied (id INT AUTO_INCREMENT PRIMARY KEY)')
  db = await createDataSource(url, { waitMs: WAIT_MS }).initialize()
  packets = createPackets(url, WAIT_MS)
})
beforeEach(async () => {
  await watcher.query('DELETE FROM applied')
  await watcher.query('DELETE FROM counter')
  await watcher.query('INSERT INTO counter SELECT seq, 0, 0 FROM seq_1_to_50')
})
afterEach(() => rival.query('ROLLBACK'))
afterAll(async () => {
  await db?.destroy()
  await packets?.end()
  await rival?.end()
  await watcher?.end()
})

const inTransaction = (work: Work, on = db) =>
  transaction(on, async tx => void (await work(sql => tx.query(sql))))
const inOwnPackets = (work: Work, before: readonly string[] = []) =>
  inPackets(packets, async send => {
    const ask: Ask = async sql => (await send([{ sql, parameters: [] }]))[0]?.rows ?? []
    for (const sql of before) await ask(sql)
    await send([START])
    await work(ask)
    await send([COMMIT])
  })

const ways: [name: string, run: (work: Work) => Promise<void>][] = [
  ['transaction', inTransaction],
  ['inPackets', inOwnPackets],
]

const ourRow = (id: number): string => `UPDATE counter SET n = n + 1 WHERE id = ${id}`

/** All that ours wants: a line and two rows. */
async function alone(ask: Ask): Promise<void> {
  await ask('INSERT INTO applied () VALUES ()')
  await ask(ourRow(1))
  await ask(ourRow(2))
}

/** Ours has row 1 and wants row 2, the rival the other way round and has done more: InnoDB ends ours. */
async function inDeadlock(ask: Ask): Promise<void> {
  await rival.query('START TRANSACTION')
  await rival.query('UPDATE counter SET rivals = rivals + 1 WHERE id > 1')
  await ask('INSERT INTO applied () VALUES ()')
  await ask(ourRow(1))
  const crossing = rival.query('UPDATE counter SET rivals = rivals + 1 WHERE id = 1')
  try {
    await ask(ourRow(2))
  } finally {
    await crossing
    await rival.query('ROLLBACK')
  }
}

/** The rival keeps row 2. MariaDB undoes only the statement that waited: what came before it still stands then. */
async function inLockWait(ask: Ask, limit = ''): Promise<void> {
  await rival.query('START TRANSACTION')
  await rival.query('UPDATE counter SET rivals = rivals + 1 WHERE id = 2')
  try {
    await ask('INSERT INTO applied () VALUES ()')
    await ask(ourRow(1))
    await ask(limit + ourRow(2))
  } finally {
    await rival.query('ROLLBACK')
  }
}
const inShortLockWait = (ask: Ask) => inLockWait(ask, 'SET STATEMENT innodb_lock_wait_timeout = 0 FOR ')

/** The rival changes row 2 after ours has looked. */
async function afterLooking(ask: Ask): Promise<void> {
  await ask('SELECT n FROM counter')
  await ask('INSERT INTO applied () VALUES ()')
  await ask(ourRow(1))
  await rival.query('UPDATE counter SET rivals = rivals + 1 WHERE id = 2')
  await ask(ourRow(2))
}

/** What ours has come to. */
async function outcome(): Promise<{ lines: number; rows: number[] }> {
  const [lines] = await watcher.query<mysql.RowDataPacket[]>('SELECT id FROM applied')
  const [rows] = await watcher.query<mysql.RowDataPacket[]>('SELECT n FROM counter WHERE id <= 2 ORDER BY id')
  return { lines: lines.length, rows: rows.map(({ n }) => n) }
}
const NOTHING = { lines: 0, rows: [0, 0] }
const ONCE = { lines: 1, rows: [1, 1] }

/** The conflict so many times, then nothing in the way. */
function conflicts(times: number, conflict: Work): { work: Work; tries(): number } {
  let tries = 0
  return { work: ask => (++tries <= times ? conflict(ask) : alone(ask)), tries: () => tries }
}

async function isOnce(run: (work: Work) => Promise<void>, times: number, conflict: Work): Promise<void> {
  const { work, tries } = conflicts(times, conflict)
  await run(work)
  expect(tries()).toBe(times + 1)
  expect(await outcome()).toEqual(ONCE)
}

async function isGivenUp(
  run: (work: Work) => Promise<void>,
  errno: number,
  conflict: Work,
  most = MOST,
): Promise<void> {
  const { work, tries } = conflicts(Infinity, conflict)
  await expect(run(work)).rejects.toMatchObject({ errno })
  expect(tries()).toBe(most)
  expect(await outcome()).toEqual(NOTHING)
  // The connection that failed, if it is this one, keeps nothing of it.
  await run(alone)
  expect(await outcome()).toEqual(ONCE)
}

describe.each(ways)('%s', (_name, run) => {
  test('runs again as a whole after deadlocks, and applies everything once', () => isOnce(run, 3, inDeadlock))

  test('runs again as a whole after a lock it waited for in vain, and applies everything once', () =>
    isOnce(run, 1, inLockWait))

  test('succeeds in its sixth try', () => isOnce(run, 5, inShortLockWait))

  test('throws the sixth deadlock, and nothing is changed', () => isGivenUp(run, 1213, inDeadlock))

  test('throws the sixth lock wait, and nothing is changed', () => isGivenUp(run, 1205, inShortLockWait))

  test.each<[what: string, errno: number, fail: (ask: Ask) => Promise<unknown>]>([
    ['a key that is taken', 1062, ask => ask('INSERT INTO counter VALUES (1, 0, 0)')],
    ['a mistake in the SQL', 1064, ask => ask('UPDATE')],
    ['an interrupted statement', 1317, ask => ask("SIGNAL SQLSTATE '70100' SET MYSQL_ERRNO = 1317")],
  ])('throws %s at once, and nothing is changed', (_what, errno, fail) =>
    isGivenUp(run, errno, ask => alone(ask).then(() => fail(ask)), 1),
  )

  test('throws an error of its own at once, and nothing is changed', async () => {
    let tries = 0
    const failing = run(async ask => {
      tries++
      await alone(ask)
      throw new Error('no database had a part in it')
    })
    await expect(failing).rejects.toThrow('no database had a part in it')
    expect(tries).toBe(1)
    expect(await outcome()).toEqual(NOTHING)
  })

  test('throws the loss of its connection at once, nothing is changed, and the next one works', async () => {
    let tries = 0
    const killed = run(async ask => {
      tries++
      await alone(ask)
      const [{ id }] = (await ask('SELECT CONNECTION_ID() AS id')) as [{ id: number }]
      await watcher.query(`KILL ${id}`)
      await ask(ourRow(3))
    })
    await expect(killed).rejects.toThrow()
    expect(tries).toBe(1)
    expect(await outcome()).toEqual(NOTHING)
    await run(alone)
    expect(await outcome()).toEqual(ONCE)
  })
})

test('rivals that take the same rows in different orders are each applied as a whole or not at all', async () => {
  const orders = Array.from({ length: 24 }, (_, at) => (at % 2 ? [1, 2, 3, 4] : [4, 3, 2, 1]))
  const ended = await Promise.allSettled(
    orders.map((order, at) =>
      (at % 4 < 2 ? inTransaction : inOwnPackets)(async ask => {
        await ask('INSERT INTO applied () VALUES ()')
        for (const id of order) await ask(ourRow(id))
      }),
    ),
  )
  const done = ended.filter(({ status }) => status === 'fulfilled').length
  for (const one of ended) if (one.status === 'rejected') expect([1205, 1213]).toContain(one.reason.errno)
  expect(done).toBeGreaterThan(0)
  expect(await outcome()).toEqual({ lines: done, rows: [done, done] })
})

describe('a session that reads from a snapshot', () => {
  const session = (snapshots: 'ON' | 'OFF') => [
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    `SET SESSION innodb_snapshot_isolation = ${snapshots}`,
  ]

  beforeAll(async () => {
    // MariaDB 10.11 has it since 10.11.8.
    expect(await watcher.query("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")).toMatchObject([
      [{ Variable_name: 'innodb_snapshot_isolation' }],
      {},
    ])
  })
  const waysOf = (snapshots: 'ON' | 'OFF'): [name: string, run: (work: Work) => Promise<void>][] => [
    [
      'transaction',
      async work => {
        // One connection: what its session is told holds for every try.
        const own = await createDataSource(url, { connections: 1, waitMs: WAIT_MS }).initialize()
        for (const sql of session(snapshots)) await own.query(sql)
        try {
          await inTransaction(work, own)
        } finally {
          await own.destroy()
        }
      },
    ],
    ['inPackets', work => inOwnPackets(work, session(snapshots))],
  ]

  test.each(waysOf('ON'))('%s runs again when a row it has read was changed since (1020)', (_name, run) =>
    isOnce(run, 2, afterLooking),
  )

  test.each(waysOf('ON'))('%s throws the sixth such change, and nothing is changed by it', (_name, run) =>
    isGivenUp(run, 1020, afterLooking),
  )

  test.each(waysOf('OFF'))(
    '%s with innodb_snapshot_isolation off needs no second try',
    async (_name, run) => {
      let tries = 0
      await run(ask => {
        tries++
        return afterLooking(ask)
      })
      expect(tries).toBe(1)
      expect(await outcome()).toEqual(ONCE)
    },
  )
})
