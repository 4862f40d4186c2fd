import { type Key, loadConfig } from '../config'
import { createKeyring } from '../secrets/keyring'
import { resealBatch } from '../secrets/reseal'
import { sealedTables } from '../secrets/sealed-tables'
import { transaction } from '../transaction'
import { newSecret } from './key-texts'
import { Problem } from './problem'
import { putSecretKeys } from './replace-secret-keys'
import { withDatabase } from './with-database'

/** An id is one byte in every token. */
const MAX_ID = 255

/** A new key in front, which encrypts and signs from then on; the old ones only open and verify. */
export async function keysRotateCommand(options: { reseal?: boolean }): Promise<void> {
  if (options.reseal) return reseal()
  const { secretKeys } = loadConfig(process.env)
  const id = freeId(secretKeys)
  putSecretKeys([{ id, secret: newSecret() }, ...secretKeys])
  console.log(`Key ${id} is new. Then: weinterrupt keys rotate --reseal, and a new keys backup.`)
}

/** The next number, so that a revoked key's is not used again before all others were. */
function freeId(keys: readonly Key[]): number {
  const used = new Set(keys.map(key => key.id))
  const next = Math.max(...used) + 1
  for (const id of [next, ...Array.from({ length: MAX_ID }, (_, index) => index + 1)])
    if (id <= MAX_ID && !used.has(id)) return id
  throw new Problem('All 255 key ids are in use: revoke one first.')
}

async function reseal(): Promise<void> {
  await withDatabase(async (db, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    for (const table of sealedTables.filter(one => !one.isShortLived)) {
      let lastId = 0
      let total = 0
      for (;;) {
        const done = await transaction(db, tx => resealBatch(tx, keyring, table, lastId))
        if (!done) break
        lastId = done.lastId
        total += done.count
      }
      console.log(`${table.what}: ${total} sealed anew with key ${keyring.currentId}`)
    }
  })
}
