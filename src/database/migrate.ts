// Brings the schema up to date and gives the runtime account exactly what each table allows.
import mysql from 'mysql2/promise'
import type { DataSource } from 'typeorm'
import { createDataSource } from './data-source'
import { procedures } from './procedures'
import { grants } from './tables'

const LOCK = 'weinterrupt-migrate'
const LOCK_SECONDS = 120

/**
 * Runs the open migrations under a server-wide lock, so that processes started together do not race, then grants the
 * account of `databaseUrl` its rights per table. Returns the names of the migrations it ran.
 * Throws when the lock is not free within two minutes, and before anything is changed when the database was migrated by a
 * version that knows more (I18).
 */
export async function migrate(migrationUrl: string, databaseUrl: string): Promise<string[]> {
  const lock = await mysql.createConnection(migrationUrl)
  try {
    const [rows] = await lock.query<mysql.RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [
      LOCK,
      LOCK_SECONDS,
    ])
    if (rows[0]?.got !== 1) throw new Error('Another process has been migrating for two minutes')
    const db = await createDataSource(migrationUrl, { connections: 2 }).initialize()
    try {
      await refuseNewer(db)
      const done = await db.runMigrations()
      await makeProcedures(db)
      await grantRights(lock, migrationUrl, databaseUrl)
      return done.map(migration => migration.name)
    } finally {
      await db.destroy()
    }
  } finally {
    await lock.end()
  }
}

/** Those that are missing: an account that may only call them finds them all there. */
async function makeProcedures(db: DataSource): Promise<void> {
  const rows: { name: string }[] = await db.query(
    'SELECT ROUTINE_NAME AS name FROM information_schema.routines WHERE ROUTINE_SCHEMA = DATABASE()',
  )
  const known = new Set(rows.map(row => row.name))
  for (const [name, body] of Object.entries(procedures))
    if (!known.has(name)) await db.query(`CREATE PROCEDURE IF NOT EXISTS ${name} ${body}`)
}

/** Old code might misread what newer code has made of the tables. */
async function refuseNewer(db: DataSource): Promise<void> {
  const tables: unknown[] = await db.query("SHOW TABLES LIKE 'migrations'")
  if (tables.length === 0) return
  const known = new Set(db.migrations.map(one => one.name ?? one.constructor.name))
  const rows: { name: string }[] = await db.query('SELECT name FROM migrations ORDER BY id')
  const unknown = rows.map(row => row.name).filter(name => !known.has(name))
  if (unknown.length > 0)
    throw new Error(
      `The database was migrated by a newer version (${unknown.join(', ')}): start that version, or restore a backup from before`,
    )
}

/** Nothing to grant when one account does both: then the triggers alone protect the evidence. */
async function grantRights(
  owner: mysql.Connection,
  migrationUrl: string,
  databaseUrl: string,
): Promise<void> {
  if (new URL(migrationUrl).username === new URL(databaseUrl).username) return
  const account = await accountOf(databaseUrl)
  const database = decodeURIComponent(new URL(migrationUrl).pathname.slice(1))
  for (const [entity, rights] of grants) {
    const table = tableName(entity)
    await owner.query(`GRANT ${rights} ON ${mysql.escapeId(database)}.${mysql.escapeId(table)} TO ${account}`)
  }
  for (const name of Object.keys(procedures))
    await owner.query(`GRANT EXECUTE ON PROCEDURE ${mysql.escapeId(database)}.${name} TO ${account}`)
  await owner.query(`GRANT SELECT ON ${mysql.escapeId(database)}.migrations TO ${account}`)
}

const tableName = (entity: new () => object): string =>
  entity.name.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase()

/** The account as the server knows it; asked without a database, since before the first grant it may see none. */
async function accountOf(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl)
  url.pathname = ''
  const connection = await mysql.createConnection(url.toString())
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT CURRENT_USER() AS account')
    const [user, host] = String(rows[0]?.account).split('@')
    return `${mysql.escape(user)}@${mysql.escape(host)}`
  } finally {
    await connection.end()
  }
}
