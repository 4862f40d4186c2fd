import { receiptOf } from '../consent/receipt'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { ownPage } from './own-page'

/** /p/receipt: the signed receipt of who is logged in, as a file. */
export const receiptDoor = ownPage(async ({ db, keyring, reader }, _frame, _request, response) => {
  const receipt = await receiptOf(db.manager, createLedgerSigner(keyring), reader.id)
  response
    .set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
    .attachment('consent-receipt.json')
    .type('json')
    .send(receipt)
})
