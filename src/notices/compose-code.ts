// The mail of a requested code, composed anew for every attempt: code and link are derived, so retries have the same bytes.
import type { EntityManager } from 'typeorm'
import { openReader } from '../consent/readers'
import { CODE_MINUTES } from '../consent/redeem-code'
import type { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import { ReaderCode } from '../entities/reader-code'
import { codeFor } from '../secrets/code'
import type { Keyring } from '../secrets/keyring'
import { makeToken } from '../secrets/token'
import { codeMail } from './code-mail'
import type { NoticeFacts, NoticeMail } from './compose'

/** Undefined when the address is no reader's, or the request is gone. */
export async function composeCode(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const request = await db.findOneBy(ReaderCode, { noticeId: notice.id })
  const reader = await db.findOneBy(Reader, { addressHash: notice.addressHash })
  const person = reader && openReader(keyring, reader)
  const code = request && codeFor(keyring, request.keyId, request.purpose, request.reference)
  if (!person || !code) return undefined
  const token =
    request.purpose === 'login' ? makeToken(keyring, 'login', request.reference, request.keyId) : undefined
  const mail = codeMail({
    locale: reader.locale,
    siteName: facts.siteName,
    postalAddress: facts.postalAddress,
    contact: facts.contact,
    code,
    loginUrl: token && new URL(`/l/${token}`, facts.publicUrl).href,
    minutes: CODE_MINUTES,
  })
  return { to: person.email, ...mail }
}
