import { parseAddress } from '../mail/address'
import { queueCode } from '../notices/queue-code'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { admitMail } from './admit-sign-up'
import type { ApiContext } from './context'
import { ErrorCode, InputError, type UserError } from './user-errors'

/** Mails a link and a code if the address is a reader's; answers why not, or nothing, the same for every address (I11). */
export async function startLogin(context: ApiContext, email: string): Promise<UserError | undefined> {
  const { db, keyring, enqueue, locale } = context
  const address = parseAddress(email)
  if (!address) return new InputError(locale, ErrorCode.INVALID, ['input', 'email'])
  const refusal = await admitMail(context, address)
  if (refusal) return refusal
  const request = { purpose: 'login', sessionId: null, locale } as const
  const hash = addressHash(keyring, address.canonical)
  // Nobody is looked up here: the worker finds out whether the address is a reader's.
  const noticeId = await transaction(db, tx => queueCode(tx, keyring, { ...request, addressHash: hash }))
  await enqueue.notice(noticeId)
  return undefined
}
