// The payloads newsletter mutations answer with.
import { openStaff } from '../consent/staff'
import type { Newsletter } from '../entities/newsletter'
import type { ApiContext } from './context'
import type { NewsletterPayload } from './newsletter.types'
import { allowedActions } from './newsletter-actions'
import { ErrorCode, InputError, InvalidStateError, StaleVersionError, type UserError } from './user-errors'

export const done = (newsletter: Newsletter, alreadyPassed: string[] = []): NewsletterPayload => ({
  newsletter,
  alreadyPassed,
  userErrors: [],
})

export const refusedWith = (
  newsletter: Newsletter | null,
  ...userErrors: UserError[]
): NewsletterPayload => ({
  newsletter,
  alreadyPassed: [],
  userErrors,
})

/** One input error, with the path of the field that caused it. */
export const inputError = ({ locale }: ApiContext, code: ErrorCode, ...field: string[]): UserError =>
  new InputError(locale, code, field)

export function invalidState({ locale, staff }: ApiContext, newsletter: Newsletter): NewsletterPayload {
  const error = new InvalidStateError(locale, ErrorCode.INVALID_STATE, null)
  error.status = newsletter.status
  error.allowedActions = allowedActions(newsletter.status, staff?.role)
  return refusedWith(newsletter, error)
}

export async function staleVersion(context: ApiContext, newsletter: Newsletter): Promise<NewsletterPayload> {
  const error = new StaleVersionError(context.locale, ErrorCode.STALE_VERSION, ['version'])
  const savedBy = await context.loaders.staff.load(newsletter.savedById)
  error.currentVersion = newsletter.version
  error.savedBy = savedBy ? openStaff(context.keyring, savedBy).name : null
  error.savedAt = newsletter.updatedAt
  return refusedWith(newsletter, error)
}
