// Name, language, time zone and address of who is logged in: behind both doors, GraphQL and the page.
import { saveProfile } from '../consent/save-profile'
import type { Reader } from '../entities/reader'
import { parseAddress } from '../mail/address'
import { queueEmailChange } from '../notices/queue-email-change'
import { transaction } from '../transaction'
import { admitMail } from './admit-sign-up'
import type { ProfileInput } from './centre.inputs'
import type { ApiContext } from './context'
import { needsFreshProof } from './fresh-proof'
import { CONTROLS, MAX_NAME } from './sign-up'
import { ErrorCode, InputError, type UserError } from './user-errors'

/** Saves what is given; answers what is wrong with it, all at once. */
export async function saveOwnProfile(
  { db, keyring, locale, locales }: ApiContext,
  reader: Reader,
  input: ProfileInput,
): Promise<UserError[]> {
  const errors: UserError[] = []
  const wrong = (code: ErrorCode, field: string) =>
    errors.push(new InputError(locale, code, ['input', field]))
  const name = input.name === undefined ? undefined : input.name?.trim() || null
  if ((name ?? '').length > MAX_NAME) wrong(ErrorCode.TOO_LONG, 'name')
  else if (CONTROLS.test(name ?? '')) wrong(ErrorCode.INVALID, 'name')
  if (input.locale && !locales.includes(input.locale)) wrong(ErrorCode.INVALID, 'locale')
  if (errors.length > 0) return errors
  const profile = { name, locale: input.locale ?? undefined, timeZone: input.timeZone }
  await transaction(db, tx => saveProfile(tx, keyring, reader.id, profile))
  return []
}

/**
 * Mails a link to the new address; answers why not, or nothing. Whether the address is somebody's already is found out by
 * the worker, and not told (I11).
 */
export async function startEmailChange(
  context: ApiContext,
  reader: Reader,
  newEmail: string,
  code?: string | null,
): Promise<UserError | undefined> {
  const { db, keyring, enqueue, locale } = context
  const field = ['newEmail']
  const address = parseAddress(newEmail)
  if (!address) {
    const isEmpty = newEmail.trim() === ''
    return new InputError(locale, isEmpty ? ErrorCode.REQUIRED : ErrorCode.INVALID, field)
  }
  const missing = await needsFreshProof(context, code, field)
  if (missing) return missing
  const refusal = await admitMail(context, address)
  if (refusal) return refusal
  const noticeId = await transaction(db, tx => queueEmailChange(tx, keyring, reader, address.canonical))
  await enqueue.notice(noticeId)
  return undefined
}
