import { copyCheckpoints, takeCheckpoint } from '../consent/keep-checkpoints'
import { createKeyring } from '../secrets/keyring'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { Problem } from './problem'
import { withDatabase } from './with-database'

/** Makes a checkpoint of the consent ledger now, without waiting for the worker's daily one. */
export async function ledgerCheckpointCommand(options: { json?: boolean }): Promise<void> {
  const made = await withDatabase(async (db, { secretKeys, addressKey, stateDir }) => {
    const signer = createLedgerSigner(createKeyring(secretKeys, addressKey))
    const checkpoint = await takeCheckpoint(db, stateDir, signer)
    await copyCheckpoints(db.manager, stateDir)
    return checkpoint
  })
  if (!made) throw new Problem('A worker has made one at this very moment.')
  if (options.json) return console.log(JSON.stringify(made))
  console.log(`Checkpoint ${made.number} covers ${made.events} more events, up to event id ${made.upTo}.`)
}
