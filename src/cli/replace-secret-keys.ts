// Where SECRET_KEYS comes from, a changed value goes back to; the environment only a person can change.
import { join } from 'node:path'
import { type Key, localDirOf } from '../config'
import { replaceSecretKeys } from '../local/keys'
import { writeAtomicallyText } from '../local/write-atomically'
import { secretKeysText } from './key-texts'

const RESTART = 'API and worker use it after their next start.'

/** Writes the keys into the file they were read from, or prints the new value of the variable. */
export function putSecretKeys(keys: readonly Key[], env: NodeJS.ProcessEnv = process.env): void {
  const text = secretKeysText(keys)
  if (env.SECRET_KEYS) {
    console.log(`Put this into the environment of every process:\nSECRET_KEYS=${text}`)
  } else if (env.SECRET_KEYS_FILE) {
    writeAtomicallyText(env.SECRET_KEYS_FILE, `${text}\n`)
    console.log(`Written to ${env.SECRET_KEYS_FILE}. ${RESTART}`)
  } else {
    const file = replaceSecretKeys(join(localDirOf(env), 'state'), text)
    console.log(`Written to ${file}. ${RESTART}`)
  }
}
