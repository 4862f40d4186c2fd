// What of the tables nobody has said to be personal or not. Nothing is connected: it reads the decorators.
import { getMetadataArgsStorage } from 'typeorm'
import { personalColumns, tablesAboutReaders } from '../entities/personal'
import { aboutStaff, notPersonal } from './not-personal'

type Entity = new () => object

/** Outside tables about people these hold nothing of a person. */
const HARMLESS = new Set<unknown>([
  ...['tinyint', 'smallint', 'int', 'bigint', 'boolean'],
  ...['enum', 'uuid', 'date', 'datetime'],
])
/** A column of one of these names says which reader a row is about. */
const NAMES_A_READER = ['readerId', 'principal', 'addressHash']

/**
 * One sentence for each column that is declared neither way or both ways, each table that names a reader without
 * saying so, and each declaration of what does not exist. Empty when all is declared.
 */
export function undeclared(entities: readonly Entity[]): string[] {
  return [...entities.flatMap(problemsOf), ...withoutTable(entities)]
}

function problemsOf(entity: Entity): string[] {
  const table = tableOf(entity)
  const { columns } = getMetadataArgsStorage()
  const own = columns.filter(({ target }) => target === entity)
  const names = own.map(({ propertyName }) => propertyName)
  const personal = personalColumns().filter(one => one.entity === entity)
  const about = tablesAboutReaders().filter(one => one.entity === entity)
  const listed = listedOf(table)
  const isAboutPeople = personal.length > 0 || about.length > 0
  const isPersonal = (name: string) => personal.some(({ property }) => property === name)
  const missing = own
    .filter(({ options }) => isAboutPeople || !HARMLESS.has(options.type))
    .map(({ propertyName }) => propertyName)
    .filter(name => !isPersonal(name) && !listed.includes(name))
  const unknown = [...listed, ...about.map(({ column }) => column)].filter(name => !names.includes(name))
  const readers = about.length === 0 && !aboutStaff.includes(table) ? NAMES_A_READER : []
  return [
    ...missing.map(name => `${table}.${name} is neither @Personal nor listed in not-personal.ts`),
    ...listed.filter(isPersonal).map(name => `${table}.${name} is @Personal and listed in not-personal.ts`),
    ...unknown.map(name => `${table}.${name} is declared, but there is no such column`),
    ...readers
      .filter(name => names.includes(name))
      .map(name => `${table}.${name} names a reader: say so with @AboutReader`),
  ]
}

const listedOf = (table: string): string[] => notPersonal[table]?.split(' ') ?? []

function withoutTable(entities: readonly Entity[]): string[] {
  const tables = entities.map(tableOf)
  return [...Object.keys(notPersonal), ...aboutStaff]
    .filter(table => !tables.includes(table))
    .map(table => `${table} is in not-personal.ts, but there is no such table`)
}

function tableOf(entity: Entity): string {
  const name = getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name
  if (!name) throw new Error(`${entity.name} has no @Entity with a name`)
  return name
}
