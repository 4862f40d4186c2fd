// What is wrong with an input, as a table: each line a condition, its code and its field.
import { ErrorCode, InputError, type UserError } from './user-errors'

export type Problem = readonly [isWrong: boolean, code: ErrorCode, field: string]

/** A text that is needed, with at most so many characters. */
export const text = (value: string, most: number, field: string): Problem[] => [
  [value.trim() === '', ErrorCode.REQUIRED, field],
  [value.trim().length > most, ErrorCode.TOO_LONG, field],
]

export const errorsOf = (locale: string, problems: readonly Problem[]): UserError[] =>
  problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, field]) => new InputError(locale, code, ['input', field]))
