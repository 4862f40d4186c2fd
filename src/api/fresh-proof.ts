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
  context: ApiContext,
  code: string | null | undefined,
  field: string[] | null,
): Promise<InputError | undefined> {
  const { db, keyring, locale, readerSession: session } = context
  if (!session) throw new Error('A fresh proof needs a session')
  if (code) {
    const isProved = await transaction(db, tx => enterProof(tx, keyring, session, code))
    return isProved ? undefined : new InputError(locale, ErrorCode.CODE_INVALID, field)
  }
  if (await hasFreshProof(db.manager, session)) return undefined
  return mailProof(context, field)
}

/** Mails a code that counts in this session, and answers that it is needed. */
export function mailProof(context: ApiContext, field: string[] | null): Promise<InputError> {
  const { readerSession: session, locale } = context
  if (!session) throw new Error('A fresh proof needs a session')
  const { addressHash, id } = session
  return mailCode(context, { purpose: 'proof', addressHash, sessionId: id, locale }, field)
}

/** For whoever holds a mailed link, which never brings more mail: mails what logs in, and answers that it is needed. */
export async function mailLoginCode(
  context: ApiContext,
  readerId: number,
  field: string[] | null,
): Promise<InputError> {
  const reader = await context.loaders.reader.load(readerId)
  const { locale } = context
  if (!reader?.addressHash) return new InputError(locale, ErrorCode.TOKEN_INVALID, field)
  const { addressHash } = reader
  return mailCode(context, { purpose: 'login', addressHash, sessionId: null, locale }, field)
}

async function mailCode(
  { db, keyring, enqueue, locale }: ApiContext,
  request: Parameters<typeof queueCode>[2],
  field: string[] | null,
): Promise<InputError> {
  const noticeId = await transaction(db, tx => queueCode(tx, keyring, request))
  await enqueue.notice(noticeId)
  return new InputError(locale, ErrorCode.FRESH_PROOF_REQUIRED, field)
}
