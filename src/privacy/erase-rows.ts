// What an erasure does to the rows of each table, decided by what their columns declare. A new table is erased by default.
import type { EntityManager } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { AuditEvent } from '../entities/audit-event'
import { ConsentEvent } from '../entities/consent-event'
import { DataRequest } from '../entities/data-request'
import { DeliveryDecision } from '../entities/delivery-decision'
import type { Kept, PersonalColumn } from '../entities/personal'
import { Reader } from '../entities/reader'
import { write } from '../transaction'
import {
  columnName,
  newsletterParts,
  type PersonalTable,
  personalTables,
  rowsAbout,
  type Subject,
} from './subject'

/**
 * What stays, under the reader's random number alone: proof of consent and of what was sent (Art. 17(3)(e) GDPR), that the
 * erasure was done, what staff did, and the keyed hash that keeps others from signing the person up again.
 */
const STAYS: ReadonlySet<Kept> = new Set([
  'CONSENT_PROOF',
  'SEND_LOG',
  'SUPPRESSION',
  'REQUEST',
  'DISCLOSURE',
  'AUDIT',
])

const stays = ({ kept, quotes }: PersonalColumn): boolean => STAYS.has(kept) && !quotes

/** Of a column that must not be null: BCP 47 for "undetermined". */
const NOTHING_KNOWN = 'und'

/** How many rows of each table were removed or emptied. */
export type Erased = Record<string, number>

/** The tables whose rows are erased with the request itself: all but the reader's row and the log of each newsletter. */
export const eraseAtOnce = (tx: EntityManager, subject: Subject): Promise<Erased> =>
  erase(tx, subject, table => table.entity !== Reader && !table.isByNewsletter)

/**
 * The rest, and what was written under the reader's number since. Never what belongs to the address: the person may have
 * signed up again meanwhile.
 */
export const eraseRest = (tx: EntityManager, { id, publicId }: Subject): Promise<Erased> =>
  erase(tx, { id, publicId, addressHash: null }, () => true)

async function erase(
  tx: EntityManager,
  subject: Subject,
  isWanted: (table: PersonalTable) => boolean,
): Promise<Erased> {
  const erased: Erased = {}
  for (const table of personalTables(tx).filter(isWanted)) {
    const count = await eraseIn(tx, table, subject)
    if (count > 0) erased[table.name] = count
  }
  return erased
}

async function eraseIn(tx: EntityManager, table: PersonalTable, subject: Subject): Promise<number> {
  const statement = statementFor(table)
  return statement ? run(tx, table, statement, subject) : 0
}

async function run(
  tx: EntityManager,
  table: PersonalTable,
  statement: string,
  subject: Subject,
): Promise<number> {
  const about = rowsAbout(table, subject)
  if (!about) return 0
  const sql = `${statement} WHERE ${about.condition}`
  if (!table.isByNewsletter) return write(tx, sql, about.parameters)
  let count = 0
  for (const ids of await newsletterParts(tx))
    count += await write(tx, `${sql} AND newsletter_id IN (?)`, [...about.parameters, ids])
  return count
}

/** Rows of which nothing stays go; of the others only what stays is left. Undefined: all of it stays. */
function statementFor(table: PersonalTable): string | undefined {
  if (!table.columns.some(stays)) return `DELETE FROM ${table.name}`
  const empty = table.columns
    .filter(column => !stays(column))
    .flatMap(({ property }) => emptied(table, property))
  return empty.length > 0 ? `UPDATE ${table.name} SET ${empty.join(', ')}` : undefined
}

/** When and how often something happened says nothing without the person: such columns are left where they must not be null. */
function emptied(table: PersonalTable, property: string): string[] {
  const name = columnName(table, property)
  const column = table.metadata.findColumnWithPropertyName(property)
  if (name === 'erased_at') return []
  if (column?.isNullable) return [`${name} = NULL`]
  return column && isText(column) ? [`${name} = '${NOTHING_KNOWN}'`] : []
}

const isText = ({ type }: ColumnMetadata): boolean => type === 'varchar' || type === 'text'

/** Rows are only ever added: the events of a child go by the procedure of the ledger, the others name nobody. */
const APPEND_ONLY: ReadonlySet<new () => object> = new Set([AuditEvent, ConsentEvent, DeliveryDecision])

/** What is not deleted here: added to only, removed by a procedure of the database, or the request itself. */
const isLeft = (entity: new () => object): boolean =>
  APPEND_ONLY.has(entity) || entity === Reader || entity === DataRequest

/**
 * Of a child nothing stays but the suppression (standards K4), and the account of each newsletter, which becomes a mere
 * count when its time is over: its numbers stand nowhere else any more, not even in the request, and lead to nobody.
 */
export async function eraseChild(tx: EntityManager, { id, publicId }: Subject): Promise<void> {
  const subject = { id, publicId, addressHash: null }
  for (const table of personalTables(tx).filter(one => !isLeft(one.entity) && !one.isByNewsletter))
    await run(tx, table, `DELETE FROM ${table.name}`, subject)
  if (!id) return
  await tx.update(DataRequest, { readerId: id }, { readerId: null })
  await tx.query('CALL forget_erased_child(?)', [id])
}
