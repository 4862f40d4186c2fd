// The copy as a file: a ZIP with everything as JSON, and one CSV for each table.
import { stringify } from 'csv-stringify/sync'
import { strToU8, zipSync } from 'fflate'
import type { ExportRow, PersonalExport } from './collect'

/** `data.json`, and the same rows as CSV (RFC 4180, UTF-8) for people with a spreadsheet. */
export function exportFile(data: PersonalExport): Buffer {
  const tables = Object.entries(data.data).map(([name, { rows }]) => [name, rows] as const)
  const csv = [
    ...tables,
    ['newsletters', data.newsletters] as const,
    ['purposes', data.purposes] as const,
    ['policies', data.policies] as const,
    ['processors', data.processors] as const,
  ].filter(([, rows]) => rows.length > 0)
  const files = {
    'data.json': strToU8(`${JSON.stringify(data, null, 2)}\n`),
    ...Object.fromEntries(csv.map(([name, rows]) => [`${name}.csv`, strToU8(asCsv(rows))])),
  }
  return Buffer.from(zipSync(files))
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
const asCsv = (rows: readonly ExportRow[]): string =>
  stringify(
    rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)]))),
    {
      header: true,
      bom: true,
      escape_formulas: true,
    },
  )

const cell = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
