// One row of a list of suppressed addresses.
import type { ImportedSuppression } from '../consent/import-suppressions'
import type { ImportSettings } from '../entities/import-job'
import { SuppressionReason } from '../entities/suppression'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import type { SuppressionColumns } from './columns'
import type { RowReason } from './problem'

/** ERASED is not among them: only an erasure here says that. */
export const importableReasons: readonly SuppressionReason[] = [
  SuppressionReason.HARD_BOUNCE,
  SuppressionReason.COMPLAINT,
  SuppressionReason.UNSUBSCRIBED_ALL,
  SuppressionReason.MANUAL,
]

/** What is to be suppressed and why, or what is wrong with the row. */
export function readSuppressionRow(
  columns: SuppressionColumns,
  settings: ImportSettings & { kind: 'suppressions' },
  keyring: Keyring,
  fields: readonly string[],
): ImportedSuppression | RowReason {
  if (fields.length !== columns.count) return 'fields'
  const email = (fields[columns.email] ?? '').trim()
  const address = parseAddress(email)
  if (!address) return email === '' ? 'email-missing' : 'email'
  const given = columns.reason === undefined ? '' : (fields[columns.reason] ?? '').trim()
  const reason = given === '' ? settings.reason : importableReasons.find(one => one === given.toUpperCase())
  return reason ? { addressHash: addressHash(keyring, address.canonical), reason } : 'reason'
}
