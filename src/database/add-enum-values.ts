import type { QueryRunner } from 'typeorm'

/**
 * Adds values to the end of an enum column, whatever it holds by now: migrations of different makers may each add some.
 * Values that are there already stay where they are. The column must be NOT NULL without a default.
 */
export async function addEnumValues(
  runner: QueryRunner,
  table: string,
  column: string,
  values: readonly string[],
): Promise<void> {
  const rows: { type: string }[] = await runner.query(
    `SELECT COLUMN_TYPE AS type FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`,
    [table, column],
  )
  const known = [...(rows[0]?.type ?? '').matchAll(/'([^']+)'/g)].map(match => match[1] ?? '')
  const all = [...known, ...values.filter(value => !known.includes(value))]
  await runner.query(
    `ALTER TABLE ${table} MODIFY ${column} enum(${all.map(value => `'${value}'`).join(', ')}) NOT NULL`,
  )
}
