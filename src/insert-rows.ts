// Many rows in one statement: the columns come from the entity, so that a new one cannot be forgotten here.
import type { DataSource, EntityManager, ObjectLiteral } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { Statement } from './packets'
import { select, write } from './transaction'

/** Inserts all rows with one multi-row INSERT. */
export async function insertRows<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
): Promise<void> {
  if (rows.length === 0) return
  const { sql, parameters } = insertStatement(tx.connection, entity, rows)
  await write(tx, sql, parameters)
}

/** What inserts all rows, of which there must be one at least. */
export function insertStatement<T extends ObjectLiteral>(
  db: DataSource,
  entity: new () => T,
  rows: readonly Partial<T>[],
): Statement {
  const { sql, values } = partsOf(db, entity, rows)
  return { sql, parameters: [values] }
}

/** The same, but a row whose key is there already takes the place of that one. */
export function upsertStatement<T extends ObjectLiteral>(
  db: DataSource,
  entity: new () => T,
  rows: readonly Partial<T>[],
): Statement {
  const { sql, values, written } = partsOf(db, entity, rows)
  const others = written.filter(column => !column.isPrimary).map(column => `\`${column.databaseName}\``)
  const changes = others.map(name => `${name} = VALUES(${name})`).join(', ')
  return { sql: `${sql} ON DUPLICATE KEY UPDATE ${changes}`, parameters: [values] }
}

/** The same as insertRows, and answers the given columns of the new rows, in no order one may rely on (MariaDB 10.5 on). */
export async function insertReturning<Row, T extends ObjectLiteral = ObjectLiteral>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly Partial<T>[],
  columns: string,
): Promise<Row[]> {
  const { sql, values } = partsOf(tx.connection, entity, rows)
  return select<Row>(tx, `${sql} RETURNING ${columns}`, [values])
}

function partsOf<T extends ObjectLiteral>(
  db: DataSource,
  entity: new () => T,
  rows: readonly Partial<T>[],
): { sql: string; values: unknown[][]; written: ColumnMetadata[] } {
  const { driver } = db
  const { tableName, columns } = db.getMetadata(entity)
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
