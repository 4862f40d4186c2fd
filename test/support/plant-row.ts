// A row as no door makes it: with times of long ago.
import { randomBytes, randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import type { Product } from './product'

interface ColumnFact {
  name: string
  type: string
  isFilled: number
}

/** SQL for a moment so many minutes ago, by the database's clock. */
export const minutesAgo = (minutes: number) => mysql.raw(`UTC_TIMESTAMP(3) - INTERVAL ${minutes} MINUTE`)

/** Adds a row by the account that owns the tables. Columns that are not given and must not be empty get something fitting. */
export async function plantRow(
  product: Pick<Product, 'config'>,
  table: string,
  values: Record<string, unknown>,
): Promise<void> {
  const owner = await mysql.createConnection(product.config.databaseMigrationUrl)
  try {
    const [columns] = await owner.query<(ColumnFact & mysql.RowDataPacket)[]>(
      `SELECT column_name AS name, column_type AS type,
         is_nullable = 'YES' OR column_default IS NOT NULL OR extra LIKE '%auto_increment%' AS isFilled
       FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?`,
      [table],
    )
    const missing = columns.filter(({ name, isFilled }) => !isFilled && !(name in values))
    const filled = Object.fromEntries(missing.map(({ name, type }) => [name, somethingOf(type)]))
    await owner.query(`INSERT INTO ${mysql.escapeId(table)} SET ?`, [{ ...filled, ...values }])
  } finally {
    await owner.end()
  }
}

let numbers = 1_000_000

function somethingOf(type: string): unknown {
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? 1)
  if (type.startsWith('enum')) return /'([^']*)'/.exec(type)?.[1]
  if (type.startsWith('datetime')) return mysql.raw('UTC_TIMESTAMP(3)')
  if (type.startsWith('uuid')) return randomUUID()
  if (/^(var)?binary/.test(type)) return randomBytes(Math.min(length, 32))
  if (type.startsWith('tinyint')) return 1
  return type.includes('int') ? numbers++ : '[]'
}
