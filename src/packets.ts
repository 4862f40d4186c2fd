// Several statements in one packet: the hot path's way to write. One round trip instead of one a statement.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolConnection } from 'mysql2/promise'
import type { EntityManager } from 'typeorm'
import { createPool, type Prepared } from './database/pool'
import { isTransient, MAX_TRIES } from './transaction'

export type Packets = Pool
export type { Prepared }

export interface Statement {
  sql: string
  parameters: readonly unknown[]
}

/** What each statement of a packet answered: rows of a SELECT, or how many rows a write touched. */
export type Answer = { rows: Record<string, unknown>[]; affected: number }

/** Sends statements and tells what each answered. */
export type Send = (statements: readonly Statement[]) => Promise<Answer[]>

export const START: Statement = { sql: 'START TRANSACTION', parameters: [] }
export const COMMIT: Statement = { sql: 'COMMIT', parameters: [] }

/**
 * Connections of their own, as only these may send several statements at once. Nothing connects before the first use;
 * nobody waits longer than `waitMs` for the database (database/pool.ts).
 */
export function createPackets(url: string, waitMs: number, prepared: readonly Prepared[] = []): Packets {
  const options = {
    uri: url,
    connectionLimit: 8,
    multipleStatements: true,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    stringifyObjects: true,
    enableKeepAlive: true,
    // Where a query was asked, for the stack of an error: here always the same place, and it costs as much as the query.
    trace: false,
  }
  return createPool(options, waitMs, prepared).promise()
}

/**
 * Runs `work` in one transaction, which `work` begins with START and ends with COMMIT as its last statement. On 1213, 1205 or 1020 all
 * is rolled back and runs again, up to 5 times. Any other error is thrown on; one at COMMIT leaves open whether it
 * was applied.
 */
export async function inPackets<T>(packets: Packets, work: (send: Send) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const connection = await packets.getConnection()
    try {
      return await work(statements => send(connection, statements))
    } catch (error) {
      // One that cannot roll back is not given to the next.
      await connection.query('ROLLBACK').catch(() => connection.destroy())
      if (tries === MAX_TRIES || !isTransient(error)) throw error
      await sleep(Math.random() * 5 * 2 ** tries)
    } finally {
      connection.release()
    }
  }
}

/** The same statements in a transaction that others have begun: one after the other, as its connection takes them. */
export const oneByOne =
  (tx: EntityManager): Send =>
  async statements => {
    const answers: Answer[] = []
    for (const { sql, parameters } of statements) answers.push(answerOf(await tx.query(sql, [...parameters])))
    return answers
  }

async function send(connection: PoolConnection, statements: readonly Statement[]): Promise<Answer[]> {
  const sql = statements.map(one => one.sql).join(';')
  const parameters = statements.flatMap(one => one.parameters)
  const [results] = await connection.query(sql, parameters)
  const all = statements.length === 1 ? [results] : (results as unknown[])
  return all.map(answerOf)
}

const answerOf = (result: unknown): Answer =>
  Array.isArray(result)
    ? { rows: result as Record<string, unknown>[], affected: 0 }
    : { rows: [], affected: (result as { affectedRows: number }).affectedRows }
