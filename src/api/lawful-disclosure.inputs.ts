import { databaseTime } from '../transaction'
import type { ApiContext } from './context'
import type { LawfulDisclosureInput } from './lawful-disclosure.types'
import { ErrorCode, InputError, type UserError } from './user-errors'

const LONGEST = { authority: 200, basis: 200, reference: 100, scope: 500, silenceReason: 500 } as const
/** No order to be silent is for ever. */
const MAX_SILENCE_DAYS = 5 * 366

/** Everything that is wrong with it, at once. */
export async function lawfulDisclosureErrors(
  { db, locale }: ApiContext,
  input: LawfulDisclosureInput,
): Promise<UserError[]> {
  const error = (code: ErrorCode, field: string) => new InputError(locale, code, ['input', field])
  const needed = ['authority', 'basis', 'reference', 'scope'] as const
  const missing: string[] = needed.filter(field => input[field].trim() === '')
  // Silence has a reason and an end, or there is none.
  const isSilent = Boolean(input.tellNotBefore)
  if (isSilent && !input.silenceReason?.trim()) missing.push('silenceReason')
  if (!isSilent && input.silenceReason?.trim()) missing.push('tellNotBefore')
  const tooLong = (Object.keys(LONGEST) as (keyof typeof LONGEST)[]).filter(
    field => (input[field]?.trim().length ?? 0) > LONGEST[field],
  )
  const isWrongDate = input.tellNotBefore && !(await isSilenceDate(db.manager, input.tellNotBefore))
  return [
    ...missing.map(field => error(ErrorCode.REQUIRED, field)),
    ...tooLong.map(field => error(ErrorCode.TOO_LONG, field)),
    ...(isWrongDate ? [error(ErrorCode.INVALID, 'tellNotBefore')] : []),
  ]
}

async function isSilenceDate(db: ApiContext['db']['manager'], at: Date): Promise<boolean> {
  const days = (at.getTime() - (await databaseTime(db)).getTime()) / 86_400_000
  return days > 0 && days <= MAX_SILENCE_DAYS
}
