// Everything the database holds, as text: to show that something changed nothing, or is stored nowhere.
import mysql from 'mysql2/promise'
import type { Product } from './product'
import { allSettled } from './rows'

/** The rows of each table as JSON, binary values in hex. */
export type Dump = Record<string, string[]>

/** These change by themselves while a worker runs. */
const ALIVE = ['lease', 'epoch', 'ledger_checkpoint', 'retention_run']

/** All tables, or only those named, read by the account that owns them. */
export async function dumpDatabase(product: Pick<Product, 'config'>, ...only: string[]): Promise<Dump> {
  const owner = await mysql.createConnection({ uri: product.config.databaseMigrationUrl, timezone: 'Z' })
  try {
    const [tables] = await owner.query<mysql.RowDataPacket[]>('SHOW TABLES')
    const names = tables.map(row => String(Object.values(row)[0]))
    const wanted = only.length > 0 ? only : names.filter(name => !ALIVE.includes(name))
    const dump: Dump = {}
    for (const name of wanted) {
      const [rows] = await owner.query<mysql.RowDataPacket[]>(`SELECT * FROM ${mysql.escapeId(name)}`)
      dump[name] = rows.map(row => JSON.stringify(row, asHex)).sort()
    }
    return dump
  } finally {
    await owner.end()
  }
}

/** Fails unless the whole database is the same after `work` as before. */
export async function expectNoChange(product: Product, work: () => Promise<void>): Promise<void> {
  await allSettled(product)
  const before = await dumpDatabase(product)
  await work()
  expect(await dumpDatabase(product)).toEqual(before)
}

/** Every value of every table in clear and in hex, to look for a text that must not be there. */
export async function everythingStored(product: Pick<Product, 'config'>): Promise<string> {
  const dump = await dumpDatabase(product)
  const text = JSON.stringify(dump)
  const hexes = text.match(/(?<=hex:)[0-9a-f]+/g) ?? []
  return `${text}\n${hexes.map(hex => Buffer.from(hex, 'hex').toString('latin1')).join('\n')}`
}

const asHex = (_key: string, value: unknown): unknown =>
  isBytes(value) ? `hex:${Buffer.from(value.data).toString('hex')}` : value

// JSON.stringify has already asked the buffer for its own form.
const isBytes = (value: unknown): value is { type: 'Buffer'; data: number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer'
