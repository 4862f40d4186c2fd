import { audit, operator } from '../consent/audit'
import { suppress } from '../consent/suppress'
import { SuppressionReason } from '../entities/suppression'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { createKeyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { Problem } from './problem'
import { withDatabase } from './with-database'

export interface SuppressOptions {
  note?: string
  json?: boolean
}

const MAX_NOTE = 500

/** Blocks an address for good, known or not. What had already passed its gate is named. */
export async function suppressAddCommand(email: string, { note, json }: SuppressOptions): Promise<void> {
  const address = parseAddress(email)
  if (!address) throw new Problem('This is not an e-mail address.')
  const { alreadyPassed } = await withDatabase((db, config) => {
    const hash = addressHash(createKeyring(config.secretKeys, config.addressKey), address.canonical)
    const details = { newsletterId: null, note: note?.slice(0, MAX_NOTE) ?? null }
    return transaction(db, async tx => {
      await audit(tx, operator, 'suppression.add', null, note)
      return suppress(tx, hash, SuppressionReason.MANUAL, details)
    })
  })
  if (json) return console.log(JSON.stringify({ alreadyPassed }))
  console.log(`Suppressed. ${alreadyPassed.length} had passed their gate before and may still arrive.`)
}
