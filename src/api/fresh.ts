import { isFresh } from '../consent/staff-session'
import type { ApiContext } from './context'
import { ErrorCode, InputError, type UserError } from './user-errors'

/** For acts that destroy or open something: nothing if a password or code was entered in the last minutes, else why not. */
export async function notFresh({ db, session, locale }: ApiContext): Promise<UserError | undefined> {
  if (session && (await isFresh(db.manager, session))) return undefined
  return new InputError(locale, ErrorCode.REAUTH_REQUIRED, null)
}
