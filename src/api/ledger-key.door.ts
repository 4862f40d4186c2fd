import { createLedgerSigner } from '../secrets/ledger-signer'
import type { DoorHandler } from './door'

/** The public key that receipts, checkpoints and tombstones of this site are checked with. */
export const ledgerKey: DoorHandler = ({ config, keyring }, _request, response) => {
  const { publicKey } = createLedgerSigner(keyring)
  response.set('Cache-Control', 'public, max-age=3600')
  response.json({ site: config.siteName, type: 'Ed25519', publicKey: publicKey.toString('base64') })
}
