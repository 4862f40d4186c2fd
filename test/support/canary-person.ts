// A person planted in every table that has rows about readers, as the entities declare them: a new table cannot be forgotten.
import { randomBytes, randomUUID } from 'node:crypto'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { DataExport } from '../../src/entities/data-export'
import { Newsletter } from '../../src/entities/newsletter'
import { tablesAboutReaders } from '../../src/entities/personal'
import type { Reader } from '../../src/entities/reader'
import { type PersonalTable, personalTables } from '../../src/privacy/subject'
import { seal } from '../../src/secrets/seal'
import { sealedTables } from '../../src/secrets/sealed-tables'
import type { Product } from './product'

/** Written into every text and every sealed column of the planted rows. */
type Mark = (table: string, property: string, length?: number) => string

interface Planted {
  table: string
  property: string
  mark: string
}

/** One more row about the reader in every table but those named; answers every mark that was written. */
export async function plantEverywhere(product: Product, reader: Reader, word: string): Promise<Planted[]> {
  const { db } = product.connections
  const planted: Planted[] = []
  const mark: Mark = (table, property, length = 90) => {
    const text = `${word}-${table}-${property}`.slice(0, length)
    planted.push({ table, property, mark: text })
    return text
  }
  for (const table of personalTables(db.manager).filter(({ name }) => !ONLY_ONE.has(name)))
    await plantRow(product, table, reader, mark)
  return planted
}

/** The reader's row is there; evidence, what staff did and the requests themselves hold no words of or about a person. */
const ONLY_ONE = new Set([
  'reader',
  'consent',
  'consent_event',
  'audit_event',
  'delivery_decision',
  'data_request',
])

async function plantRow(product: Product, table: PersonalTable, reader: Reader, mark: Mark): Promise<void> {
  const { db, keyring } = product.connections
  const about = tablesAboutReaders().find(one => one.entity === table.entity)
  if (!about) throw new Error(`${table.name} is about nobody`)
  const declared = new Set(table.columns.map(column => column.property))
  const row: Record<string, unknown> = {}
  for (const column of table.metadata.columns.filter(one => !one.isGenerated))
    row[column.propertyName] = valueFor(
      column,
      declared.has(column.propertyName) ? mark : undefined,
      table.name,
    )
  row[about.column] = reader[about.by]
  if (table.isByNewsletter) row.newsletterId = await anyNewsletter(product)
  const sealed = sealedTables.find(one => one.table === table.name)
  if (sealed && table.entity !== DataExport) {
    const owner = (row.reference as Buffer).toString('hex')
    for (const [name, bound] of Object.entries(sealed.columns)) {
      const property = table.metadata.columns.find(one => one.databaseName === name)?.propertyName ?? ''
      const { data, keyId } = seal(keyring, mark(table.name, property), `${bound}:${owner}`)
      Object.assign(row, { [property]: data, keyId })
    }
  }
  await db.manager.insert(table.entity, row)
}

const anyNewsletter = async ({ connections: { db } }: Product): Promise<number> =>
  (await db.manager.findOneOrFail(Newsletter, { where: {}, order: { id: 'DESC' } })).id

const SOON = new Date(Date.now() + 3_600_000)

function valueFor(column: ColumnMetadata, mark: Mark | undefined, table: string): unknown {
  const { type, length, propertyName } = column
  if (type === 'enum') return SETTLED.find(one => column.enum?.includes(one)) ?? column.enum?.[0]
  if (type === 'datetime')
    return /until|expires|due/i.test(propertyName) ? SOON : new Date(Date.now() - 60_000)
  if (type === 'varchar' || type === 'text') {
    const text = mark?.(table, propertyName, length === '' ? 90 : Number(length))
    return text ?? 'x'
  }
  const make = typeof type === 'string' ? others[type] : undefined
  return make ? make(Number(length)) : undefined
}

const others: Record<string, (length: number) => unknown> = {
  tinyint: () => 1,
  // No row of ours has so high a number.
  int: () => 1_000_000 + randomBytes(2).readUInt16BE(),
  uuid: () => randomUUID(),
  binary: length => randomBytes(length),
  varbinary: () => randomBytes(40),
  mediumblob: () => randomBytes(40),
  boolean: () => false,
  'simple-json': () => [],
}

/** States in which no worker takes a planted row up. */
const SETTLED: readonly string[] = ['COMPLETED', 'sent', 'UNSUBSCRIBED_ALL', 'MANUAL', 'proof']
