// Everything the tables hold about one person, opened, in words where a number would say nothing (Art. 15 and 20 GDPR).
import type { EntityManager } from 'typeorm'
import { DataExport } from '../entities/data-export'
import type { Keyring } from '../secrets/keyring'
import { open } from '../secrets/seal'
import { type SealedTable, sealedTables } from '../secrets/sealed-tables'
import { databaseTime, select } from '../transaction'
import { newsletterParts, type PersonalTable, personalTables, rowsToShow, type Subject } from './subject'

export type ExportRow = Record<string, unknown>

export interface ExportTable {
  /** What the table holds, what for, and how long: as the columns declare it. */
  about: { what: string; why: string; kept: string }[]
  rows: ExportRow[]
}

export interface PersonalExport {
  format: 'weinterrupt-export-1'
  at: string
  data: Record<string, ExportTable>
  /** What the numbers in the rows stand for. */
  newsletters: ExportRow[]
  purposes: ExportRow[]
  policies: ExportRow[]
  processors: ExportRow[]
}

/** Reads it all; run in one transaction it is of one moment. Tables without a row about the person are left out. */
export async function collectData(
  db: EntityManager,
  keyring: Keyring,
  subject: Subject,
): Promise<PersonalExport> {
  const data: PersonalExport['data'] = {}
  // The copies themselves are no more than this once again.
  for (const table of personalTables(db).filter(one => one.entity !== DataExport)) {
    const rows = (await readRows(db, table, subject)).map(row => shown(table, row, keyring))
    if (rows.length > 0) data[table.name] = { about: aboutOf(table), rows }
  }
  const rows = Object.values(data).flatMap(table => table.rows)
  return {
    format: 'weinterrupt-export-1',
    at: (await databaseTime(db)).toISOString(),
    data,
    newsletters: await named(db, NEWSLETTERS, numbersOf(rows, 'newsletterId')),
    purposes: await named(db, PURPOSES, numbersOf(rows, 'purposeVersionId')),
    policies: await named(db, POLICIES, numbersOf(rows, 'policyVersionId')),
    processors: await named(db, PROCESSORS, numbersOf(rows, 'processorId')),
  }
}

async function readRows(db: EntityManager, table: PersonalTable, subject: Subject): Promise<ExportRow[]> {
  const about = rowsToShow(table, subject)
  if (!about) return []
  const { condition, parameters } = about
  const sealed = sealedOf(table)
  const owner = sealed ? `, ${sealed.owner} AS seal_owner` : ''
  const sql = `SELECT *${owner} FROM ${table.name} WHERE ${condition}`
  if (!table.isByNewsletter) return select(db, sql, parameters)
  const rows: ExportRow[] = []
  for (const ids of await newsletterParts(db))
    rows.push(...(await select<ExportRow>(db, `${sql} AND newsletter_id IN (?)`, [...parameters, ids])))
  return rows
}

const sealedOf = ({ name }: PersonalTable): SealedTable | undefined =>
  sealedTables.find(one => one.table === name)

/** The declared columns of a row, and the numbers that say which newsletter and which words it speaks of. */
function shown(table: PersonalTable, row: ExportRow, keyring: Keyring): ExportRow {
  const sealed = sealedOf(table)
  const declared = new Set(table.columns.map(column => column.property))
  const entries = table.metadata.columns
    .filter(({ propertyName }) => declared.has(propertyName) || POINTERS.has(propertyName))
    .map(({ propertyName, databaseName }) => {
      const value = row[databaseName]
      const bound = sealed?.columns[databaseName]
      if (!sealed || !bound || !Buffer.isBuffer(value)) return [propertyName, plain(value)]
      const keyId = Number(row[sealed.keyColumn])
      const owner = `${bound}:${String(row.seal_owner)}`
      return [propertyName.replace(/Sealed$/, ''), open(keyring, { data: value, keyId }, owner)]
    })
  return Object.fromEntries(entries)
}

const POINTERS = new Set([
  ...['newsletterId', 'purposeId', 'purposeVersionId', 'policyVersionId', 'processorId'],
  // Who it was released to is nothing about the person, and theirs to know.
  ...['authority', 'basis', 'fileNumber'],
])

function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  return value instanceof Date ? value.toISOString() : value
}

const aboutOf = ({ columns }: PersonalTable): ExportTable['about'] => {
  const texts = new Map(columns.map(({ what, why, kept }) => [what, { what, why, kept }]))
  return [...texts.values()]
}

const numbersOf = (rows: readonly ExportRow[], property: string): number[] => [
  ...new Set(rows.map(row => Number(row[property] ?? 0)).filter(id => id > 0)),
]

/** The wording that was agreed to is part of what is known about a person. */
const NEWSLETTERS = `SELECT n.id AS newsletterId, t.slug AS topic, n.title, n.started_at AS startedAt
  FROM newsletter n JOIN topic t ON t.id = n.topic_id WHERE n.id IN (?) ORDER BY n.id`
const PURPOSES = `SELECT v.id AS purposeVersionId, p.\`key\`, v.version, v.locale, v.title, v.description, v.cadence
  FROM purpose_version v JOIN purpose p ON p.id = v.purpose_id WHERE v.id IN (?) ORDER BY v.id`
const POLICIES = `SELECT id AS policyVersionId, number AS version, locale, title, HEX(hash) AS hash
  FROM policy_version WHERE id IN (?) ORDER BY id`
const PROCESSORS = `SELECT id AS processorId, name, legal_name AS legalName, country, role
  FROM processor WHERE id IN (?) ORDER BY id`

async function named(db: EntityManager, sql: string, ids: readonly number[]): Promise<ExportRow[]> {
  if (ids.length === 0) return []
  const rows = await select<ExportRow>(db, sql, [ids])
  return rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
}
