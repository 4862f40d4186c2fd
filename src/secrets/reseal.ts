// After a rotation: what old keys sealed is sealed again with the current one, so that an old key can go.
import type { EntityManager } from 'typeorm'
import { select, write } from '../transaction'
import type { Keyring } from './keyring'
import { open, seal } from './seal'
import { holdsSealed, type SealedTable, sealedTables } from './sealed-tables'

/** So many rows are locked at once: mail to these readers waits for that long. */
const BATCH = 100

interface SealedRow {
  id: number
  owner: string
  keyId: number
  [column: string]: unknown
}

/**
 * Seals the next rows of the table after `afterId` anew. Answers the last of them and how many they were; undefined when
 * none is left. It can be stopped at any time and begun again: a row's own key id says whether it is done.
 */
export async function resealBatch(
  tx: EntityManager,
  keyring: Keyring,
  table: SealedTable,
  afterId: number,
): Promise<{ lastId: number; count: number } | undefined> {
  const { keyColumn } = table
  const columns = Object.keys(table.columns)
  const rows = await select<SealedRow>(
    tx,
    `SELECT id, ${table.owner} AS owner, ${keyColumn} AS keyId, ${columns.join(', ')} FROM ${table.table}
     WHERE id > ? AND ${keyColumn} <> ? AND ${holdsSealed(table)} ORDER BY id LIMIT ${BATCH} FOR UPDATE`,
    [afterId, keyring.currentId],
  )
  for (const row of rows) {
    const sealed = Object.entries(table.columns).map(([column, name]) => {
      const data = row[column] as Buffer | null
      const owner = `${name}:${row.owner}`
      return data && seal(keyring, open(keyring, { data, keyId: row.keyId }, owner), owner).data
    })
    const changes = columns.map(column => `${column} = ?`).join(', ')
    await write(tx, `UPDATE ${table.table} SET ${changes}, ${keyColumn} = ? WHERE id = ?`, [
      ...sealed,
      keyring.currentId,
      row.id,
    ])
  }
  const last = rows.at(-1)
  return last && { lastId: last.id, count: rows.length }
}

/** How many of what only this key opens. */
export async function countSealed(db: EntityManager, keyId: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const table of sealedTables) {
    const [row] = await select<{ count: string }>(
      db,
      `SELECT COUNT(*) AS count FROM ${table.table} WHERE ${table.keyColumn} = ? AND ${holdsSealed(table)}`,
      [keyId],
    )
    counts.set(table.what, Number(row?.count ?? 0))
  }
  return counts
}
