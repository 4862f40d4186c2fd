import { readFileSync } from 'node:fs'
import { loadConfig } from '../config'
import { unlockKeys } from '../secrets/key-backup'
import { keyTextsOf } from './key-texts'
import { readPassphrase } from './passphrase'
import { Problem } from './problem'

/** Prints the keys of a backup as variables; with `verify` it only says whether they are the ones in use. */
export async function keysRestoreCommand(file: string, options: { verify?: boolean }): Promise<void> {
  const passphrase = await readPassphrase()
  const keys = unlockKeys(readFileSync(file, 'utf8'), passphrase)
  if (!keys)
    throw new Problem(
      `${file} does not open: the passphrase is another one, or the file is damaged or no key backup.`,
    )
  if (!options.verify) {
    console.log(`SECRET_KEYS=${keys.secretKeys}`)
    console.log(`ADDRESS_KEY=${keys.addressKey}`)
    return
  }
  const inUse = keyTextsOf(loadConfig(process.env))
  if (keys.addressKey !== inUse.addressKey) throw new Problem('The backup holds another ADDRESS_KEY.')
  const missing = inUse.secretKeys.split(',').filter(key => !keys.secretKeys.split(',').includes(key))
  if (missing.length > 0)
    throw new Problem(`The backup lacks ${missing.length} of the keys in use: make a new one.`)
  console.log('The backup opens and holds every key in use.')
}
