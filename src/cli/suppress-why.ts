import { parseAddress } from '../mail/address'
import { whyNot } from '../newsletters/why'
import { addressHash } from '../secrets/address-hash'
import { createKeyring } from '../secrets/keyring'
import { Problem } from './problem'
import { withDatabase } from './with-database'

/** Why the address would or would not get each topic now, and what became of its latest newsletters. */
export async function suppressWhyCommand(email: string, { json }: { json?: boolean }): Promise<void> {
  const address = parseAddress(email)
  if (!address) throw new Problem('This is not an e-mail address.')
  const why = await withDatabase((db, config) =>
    whyNot(db.manager, addressHash(createKeyring(config.secretKeys, config.addressKey), address.canonical)),
  )
  if (json) return console.log(JSON.stringify(why))
  if (!why.isReader) console.log('No reader has this address.')
  if (why.pendingSince)
    console.log(`A sign-up waits for its confirmation since ${why.pendingSince.toISOString()}.`)
  for (const { slug, reason } of why.topics) console.log(`${slug}: ${reason ?? 'would get it'}`)
  for (const { newsletter, status, skipReason, at } of why.deliveries)
    console.log(`${at.toISOString()} ${newsletter}: ${status}${skipReason ? ` (${skipReason})` : ''}`)
}
