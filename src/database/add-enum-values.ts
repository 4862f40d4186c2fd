import type { QueryRunner } from 'typeorm'

/**
 * Adds values to an enum column that must not be null, behind those it has, whatever they are: in place, and processes of
 * the version before go on with the values they know.
 */
export async function addEnumValues(
  runner: QueryRunner,
  table: string,
  column: string,
  values: readonly string[],
): Promise<void> {
  const [found]: { type: string }[] = await runner.query(
    `SELECT column_type AS type FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`,
    [table, column],
  )
  const known = found?.type.match(/'[^']+'/g)
  if (!known) throw new Error(`${table}.${column} is no enum`)
  const all = [...new Set([...known, ...values.map(value => `'${value}'`)])]
  await runner.query(`ALTER TABLE ${table} MODIFY ${column} enum(${all.join(', ')}) NOT NULL`)
}
