// Pools that wait for nobody for long: a database that hangs is treated like one that is away.
import type { Socket } from 'node:net'
import {
  createPool as createMysqlPool,
  format,
  type Pool,
  type PoolConnection,
  type PoolOptions,
} from 'mysql2'

/** A statement that each connection of a pool parses once: `EXECUTE name USING …` then runs it. */
export interface Prepared {
  name: string
  sql: string
}

/** The database took too long: to give a connection, or to say anything on one (code ETIMEDOUT). */
class SilentDatabaseError extends Error {
  readonly code = 'ETIMEDOUT'
  constructor(waitMs: number) {
    super(`The database did not answer within ${waitMs / 1000} s`)
  }
}

/**
 * A pool of READ COMMITTED connections: no transaction has to say so, which saves each a round trip. With `waitMs` its
 * users wait at most so long for a connection and for the server's next word on it. A connection that is silent for longer
 * is closed and leaves the pool; what was asked on it fails with ETIMEDOUT, and whether it was done is not known. The server
 * gives up earlier where it can: a lock after half of that time (error 1205), and a transaction in which nothing is asked
 * any more after all of it, so that what a frozen process has locked holds up nobody for long.
 */
export function createPool(options: PoolOptions, waitMs?: number, prepared: readonly Prepared[] = []): Pool {
  const pool = createMysqlPool(waitMs ? { ...options, connectTimeout: waitMs } : options)
  const inUse = new WeakSet<PoolConnection>()
  pool.on('acquire', connection => void inUse.add(connection))
  pool.on('release', connection => void inUse.delete(connection))
  pool.on('connection', connection => {
    const socket = socketOf(connection)
    if (waitMs) cutWhenSilent(socket, waitMs, () => inUse.has(connection))
    // Commands of one connection are done in order: this is before whatever the pool's user asks.
    for (const sql of [...session(waitMs), ...prepared.map(prepareSql)])
      connection.query(sql, error => void (error && socket.destroy(error)))
  })
  if (waitMs) limitQueue(pool, waitMs)
  return pool
}

const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'

const session = (waitMs: number | undefined): readonly string[] =>
  waitMs
    ? [
        ISOLATION,
        `SET SESSION innodb_lock_wait_timeout = ${Math.ceil(waitMs / 2000)}`,
        `SET SESSION idle_transaction_timeout = ${Math.ceil(waitMs / 1000)}`,
      ]
    : [ISOLATION]

const prepareSql = ({ name, sql }: Prepared): string => format(`PREPARE ${name} FROM ?`, [sql])

/** Not in its types, but where mysql2 has it. */
const socketOf = (connection: PoolConnection): Socket => (connection as unknown as { stream: Socket }).stream

function cutWhenSilent(socket: Socket, waitMs: number, isInUse: () => boolean): void {
  socket.setTimeout(waitMs)
  socket.on('timeout', () => {
    const heard = socket.bytesRead
    // A process that stood still itself first reads what has arrived meanwhile.
    setImmediate(() => {
      if (isInUse() && socket.bytesRead === heard) socket.destroy(new SilentDatabaseError(waitMs))
    })
  })
}

/** Whoever gets a connection too late has gone: it goes back at once. */
function limitQueue(pool: Pool, waitMs: number): void {
  const getConnection = pool.getConnection.bind(pool)
  pool.getConnection = callback => {
    let isGone = false
    const timer = setTimeout(() => {
      isGone = true
      callback(new SilentDatabaseError(waitMs), undefined as never)
    }, waitMs)
    getConnection((error, connection) => {
      clearTimeout(timer)
      if (!isGone) callback(error, connection)
      else if (!error) connection.release()
    })
  }
}
