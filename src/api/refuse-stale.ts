import { currentPolicy } from '../consent/policies'
import { shownPurposes } from '../consent/purposes'
import type { ApiContext } from './context'
import { shownPurpose } from './purpose.types'
import { ErrorCode, StalePolicyError } from './user-errors'

/**
 * The refusal of a decision about texts that are not in force any more. It carries those that are, in the locale (left
 * out: that of the request), so that a client can show them and ask again.
 */
export async function refuseStale(
  context: ApiContext,
  { locale = context.locale, field = ['input', 'policyVersion'] }: { locale?: string; field?: string[] } = {},
): Promise<StalePolicyError> {
  const { db, locales } = context
  const error = new StalePolicyError(context.locale, ErrorCode.STALE_POLICY, field)
  error.currentPolicy = await currentPolicy(db.manager, locale, locales)
  error.currentPurposes = (await shownPurposes(db.manager, locale, locales)).map(shownPurpose)
  return error
}
