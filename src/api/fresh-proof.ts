import { enterProof, hasFreshProof } from '../consent/fresh-proof'
import { queueCode } from '../notices/queue-code'
import { transaction } from '../transaction'
import type { ApiContext } from './context'
import { ErrorCode, InputError } from './user-errors'

/**
 * Undefined when the reader who is logged in has proved within 30 minutes, or with this code proves, that the address's
 * mail is still theirs. Otherwise the error to answer with; without a code a new one has been mailed. For verbs that give
 * more mail, hand out data, erase it or change the address. Throws when nobody is logged in.
 */
export async function needsFreshProof(
  { db, keyring, enqueue, locale, readerSession: session }: ApiContext,
  code: string | null | undefined,
  field: string[],
): Promise<InputError | undefined> {
  if (!session) throw new Error('A fresh proof needs a session')
  if (code) {
    const isProved = await transaction(db, tx => enterProof(tx, keyring, session, code))
    return isProved ? undefined : new InputError(locale, ErrorCode.CODE_INVALID, field)
  }
  if (await hasFreshProof(db.manager, session)) return undefined
  const request = {
    purpose: 'proof',
    addressHash: session.addressHash,
    sessionId: session.id,
    locale,
  } as const
  const noticeId = await transaction(db, tx => queueCode(tx, keyring, request))
  await enqueue.notice(noticeId)
  return new InputError(locale, ErrorCode.FRESH_PROOF_REQUIRED, field)
}
