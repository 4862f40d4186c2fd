// Many rows in one statement: the columns come from the entity, so that a new one cannot be forgotten here.
import type { EntityManager, ObjectLiteral } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { select, write } from './transaction'

/** Inserts all rows with one multi-row INSERT. */
export async function insertRows<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
): Promise<void> {
  if (rows.length === 0) return
  const { sql, values } = statement(tx, entity, rows)
  await write(tx, sql, [values])
}

/** The same, but a row whose key is there already takes the place of that one. */
export async function upsertRows<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
): Promise<void> {
  if (rows.length === 0) return
  const { sql, values, written } = statement(tx, entity, rows)
  const others = written.filter(column => !column.isPrimary).map(column => `\`${column.databaseName}\``)
  const changes = others.map(name => `${name} = VALUES(${name})`).join(', ')
  await write(tx, `${sql} ON DUPLICATE KEY UPDATE ${changes}`, [values])
}

/** The same as insertRows, and answers the given columns of the new rows, in no order one may rely on (MariaDB 10.5 on). */
export async function insertReturning<Row, T extends ObjectLiteral = ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
  columns: string,
): Promise<Row[]> {
  const { sql, values } = statement(tx, entity, rows)
  return select<Row>(tx, `${sql} RETURNING ${columns}`, [values])
}

function statement<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
): { sql: string; values: unknown[][]; written: ColumnMetadata[] } {
  const { driver } = tx.connection
  const { tableName, columns } = tx.connection.getMetadata(entity)
  const written = columns.filter(column => !column.isGenerated)
  const names = written.map(column => `\`${column.databaseName}\``).join(', ')
  return {
    written,
    sql: `INSERT INTO \`${tableName}\` (${names}) VALUES ?`,
    values: rows.map(row =>
      written.map(column => driver.preparePersistentValue(column.getEntityValue(row), column) ?? null),
    ),
  }
}
