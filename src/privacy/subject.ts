// Whose data it is, and which rows of each table are about them. The tables are found by their declarations alone.
import type { EntityManager, EntityMetadata } from 'typeorm'
import { type PersonalColumn, personalColumns, tablesAboutReaders } from '../entities/personal'
import type { Reader } from '../entities/reader'
import { select } from '../transaction'

/** A person as the tables know them: by the reader's ids, by the keyed hash of the address, or by both. */
export interface Subject {
  id: number | null
  publicId: string | null
  addressHash: Buffer | null
}

/** An address that is no reader's may still wait in a sign-up. */
export const subjectOf = (
  reader: Pick<Reader, 'id' | 'publicId'> | null,
  addressHash: Buffer | null,
): Subject => ({ id: reader?.id ?? null, publicId: reader?.publicId ?? null, addressHash })

/** One table with rows about readers. */
export interface PersonalTable {
  entity: new () => object
  metadata: EntityMetadata
  name: string
  columns: readonly PersonalColumn[]
  /** Its rows are found newsletter by newsletter: it has no index that begins with the reader. */
  isByNewsletter: boolean
}

/** Every table with rows about readers, in the order of their names. */
export const personalTables = (db: EntityManager): PersonalTable[] =>
  tablesAboutReaders()
    .map(({ entity }) => {
      const metadata = db.connection.getMetadata(entity)
      return {
        entity,
        metadata,
        name: metadata.tableName,
        columns: personalColumns().filter(column => column.entity === entity),
        isByNewsletter: metadata.primaryColumns[0]?.propertyName === 'newsletterId',
      }
    })
    .sort((one, other) => one.name.localeCompare(other.name))

/** The name of a property's column in the database. */
export const columnName = ({ metadata }: PersonalTable, property: string): string => {
  const column = metadata.findColumnWithPropertyName(property)
  if (!column) throw new Error(`${metadata.tableName} has no column for ${property}`)
  return column.databaseName
}

/** SQL for the rows of the table that are about the person, with its parameters; undefined when none can be. */
export function rowsAbout(
  table: PersonalTable,
  subject: Subject,
): { condition: string; parameters: unknown[] } | undefined {
  const about = tablesAboutReaders().find(one => one.entity === table.entity)
  const value = about && subject[about.by]
  if (!about || value === null) return undefined
  const only = about.only ? ` AND ${about.only}` : ''
  return { condition: `${columnName(table, about.column)} = ?${only}`, parameters: [value] }
}

/** The same for those that the person may be shown. */
export function rowsToShow(table: PersonalTable, subject: Subject): ReturnType<typeof rowsAbout> {
  const found = rowsAbout(table, subject)
  const shownOnly = tablesAboutReaders().find(one => one.entity === table.entity)?.shownOnly
  return found && shownOnly ? { ...found, condition: `${found.condition} AND ${shownOnly}` } : found
}

const NEWSLETTERS_AT_ONCE = 500

/** The ids of all newsletters, in parts small enough for one statement each. */
export async function newsletterParts(db: EntityManager): Promise<number[][]> {
  const ids = (await select<{ id: number }>(db, 'SELECT id FROM newsletter ORDER BY id')).map(row => row.id)
  const count = Math.ceil(ids.length / NEWSLETTERS_AT_ONCE)
  return Array.from({ length: count }, (_, part) =>
    ids.slice(part * NEWSLETTERS_AT_ONCE, (part + 1) * NEWSLETTERS_AT_ONCE),
  )
}
