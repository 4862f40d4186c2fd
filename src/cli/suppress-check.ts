import { Suppression } from '../entities/suppression'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { createKeyring } from '../secrets/keyring'
import { Problem } from './problem'
import { withDatabase } from './with-database'

/** Whether the address is suppressed, by what and since when. */
export async function suppressCheckCommand(email: string, { json }: { json?: boolean }): Promise<void> {
  const address = parseAddress(email)
  if (!address) throw new Problem('This is not an e-mail address.')
  const rows = await withDatabase((db, config) => {
    const hash = addressHash(createKeyring(config.secretKeys, config.addressKey), address.canonical)
    return db.manager.find(Suppression, { where: { addressHash: hash }, order: { id: 'ASC' } })
  })
  const found = rows.map(({ publicId: id, reason, createdAt, note }) => ({ id, reason, at: createdAt, note }))
  if (json) return console.log(JSON.stringify({ suppressed: found.length > 0, suppressions: found }))
  if (found.length === 0) console.log('Not suppressed.')
  for (const { reason, at, note } of found)
    console.log(`${reason} since ${at.toISOString()}${note ? `: ${note}` : ''}`)
}
