import { importableReasons } from '../imports/suppression-row'
import { type ImportOptions, importFile } from './import-file'
import { Problem } from './problem'
import { withDatabase } from './with-database'

/** Suppresses every address of the file; its column `reason` goes before the option. */
export async function importSuppressionsCommand(
  file: string,
  options: ImportOptions & { reason: string },
): Promise<void> {
  const reason = importableReasons.find(one => one === options.reason.toUpperCase())
  if (!reason) throw new Problem(`--reason must be one of ${importableReasons.join(', ')}.`)
  await withDatabase((db, config) => importFile(db, config, file, { kind: 'suppressions', reason }, options))
}
