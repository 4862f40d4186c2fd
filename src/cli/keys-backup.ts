import { writeFileSync } from 'node:fs'
import { loadConfig } from '../config'
import { lockKeys } from '../secrets/key-backup'
import { keyTextsOf } from './key-texts'
import { readPassphrase } from './passphrase'
import { Problem } from './problem'

/** Writes the keys in use into a new file that only the passphrase opens. */
export async function keysBackupCommand(file: string): Promise<void> {
  const keys = keyTextsOf(loadConfig(process.env))
  const text = lockKeys(keys, await readPassphrase())
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Problem(`${file} exists already: nothing was written.`)
  }
  console.log(`Written to ${file}. Keep it apart from the database and the passphrase apart from it.`)
}
