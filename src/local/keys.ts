import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LocalProblem } from './problem'
import { writeAtomically } from './write-atomically'

export interface LocalKeys {
  secretKeys: string
  addressKey: string
}

/** The installation's own keys, made once. Without them nothing in its database can be read any more. */
export function keepKeys(stateDir: string): LocalKeys {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const file = join(stateDir, 'keys.json')
  const known = readText(file)
  if (known !== undefined) return parse(known, file)
  const keys = { secretKeys: `1:${secret()}`, addressKey: secret() }
  writeAtomically(file, keys)
  return keys
}

/** Puts other secret keys in place, for the next start; answers the file. */
export function replaceSecretKeys(stateDir: string, secretKeys: string): string {
  const file = join(stateDir, 'keys.json')
  writeAtomically(file, { ...keepKeys(stateDir), secretKeys })
  return file
}

const secret = () => randomBytes(32).toString('base64')

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LocalProblem(`The keys in ${file} cannot be read: ${(error as Error).message}`)
  }
}

// New keys in place of damaged ones would make every stored address unreadable: a person must decide.
function parse(text: string, file: string): LocalKeys {
  try {
    const { secretKeys, addressKey } = JSON.parse(text) as LocalKeys
    if (typeof secretKeys === 'string' && typeof addressKey === 'string') return { secretKeys, addressKey }
  } catch {}
  throw new LocalProblem(
    `The keys in ${file} are damaged. Restore the file, or delete the whole data folder to start anew.`,
  )
}
