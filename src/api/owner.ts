// In whose name a request changes a reader's choices: of who is logged in, or of the reader a mailed link belongs to.
import type { EntityManager } from 'typeorm'
import { type CodeProof, codeProof } from '../consent/fresh-proof'
import { readMailLink } from '../consent/mail-link'
import type { ReaderChange } from '../consent/reader-change'
import { transaction } from '../transaction'
import type { ApiContext } from './context'
import { mailLoginCode, mailProof, needsFreshProof } from './fresh-proof'
import { ErrorCode, InputError, UserError } from './user-errors'

export interface Owner {
  readerId: number
  /** Of the mail whose link was used: such a request may only reduce. */
  link: { newsletterId: number; purposeId: number } | undefined
}

/** A link of either purpose, as both only reduce. `gone`: the link is genuine, but its reader or newsletter is no more, so that there is nothing left to reduce. */
export async function ownerOf(
  { db, keyring, reader, locale }: ApiContext,
  token: string | null | undefined,
  field: string[] = ['input', 'token'],
  readLink = readMailLink,
): Promise<Owner | 'gone' | UserError> {
  if (!token && reader) return { readerId: reader.id, link: undefined }
  const link = await readLink(db.manager, keyring, token ?? '')
  if (link.kind === 'invalid') return new InputError(locale, ErrorCode.TOKEN_INVALID, field)
  return link.kind === 'gone' ? 'gone' : { readerId: link.reader.id, link }
}

/** Changes something in one transaction; without a proof it may only reduce. */
export type OwnVerb = (tx: EntityManager, proof: CodeProof | undefined) => Promise<ReaderChange>

/**
 * Runs the verb for the owner; answers the deliveries that had passed before, or why nothing was changed. What needs a
 * fresh proof is tried again with the one of the session, or with this code; where there is none, a code is mailed.
 */
export async function changeOwn(
  context: ApiContext,
  owner: Owner,
  verb: OwnVerb,
  { field, code }: { field: string[] | null; code?: string | null },
): Promise<string[] | UserError> {
  const { db, locale } = context
  const run = (proof?: CodeProof) => transaction(db, tx => verb(tx, proof))
  let change = await run()
  if (change.kind === 'needs-proof') {
    const error = owner.link
      ? await mailLoginCode(context, owner.readerId, field)
      : await needsFreshProof(context, code, field)
    if (error) return error
    change = await run(context.readerSession && codeProof(context.readerSession))
  }
  switch (change.kind) {
    case 'changed':
      return change.alreadyPassed
    case 'needs-proof':
      // The code of this session is older than what happened since.
      return mailProof(context, field)
    case 'not-standing':
      return new InputError(locale, ErrorCode.INVALID_STATE, field)
    case 'suppressed':
      return new InputError(locale, ErrorCode.SUPPRESSED, field)
  }
}
