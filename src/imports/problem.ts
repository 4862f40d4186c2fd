// Why a file, or one of its rows, is not taken. Codes only: nothing that stood in the file.
import type { ImportRefusal } from '../consent/import-readers'

/** Of one row. */
export type RowReason =
  | ImportRefusal
  | 'fields'
  | 'email-missing'
  | 'email'
  | 'name'
  | 'name-long'
  | 'source-missing'
  | 'time-missing'
  | 'time'
  | 'wording-missing'
  | 'wording'
  | 'policy'
  | 'topic-missing'
  | 'topic'
  | 'reason'

/** Of the whole file, which is then given up; what was taken before stays. */
export type FileReason =
  | 'empty'
  | 'encoding'
  | 'csv'
  | 'row-long'
  | 'file-large'
  | 'age-column'
  | 'column-twice'
  | 'email-column'
  | 'source-column'
  | 'time-column'
  | 'wording-column'
  | 'policy-column'
  | 'topic-column'

/** Of this sending; the import itself stays as it was. */
export type SendingReason = 'other-file' | 'taken-over' | 'over' | 'held'

/** The file is given up. `row` as a spreadsheet counts. */
export class FileProblem extends Error {
  constructor(
    readonly reason: FileReason,
    readonly row: number | null = null,
  ) {
    super(`The file is not taken: ${reason}`)
  }
}

/** This sending is refused. */
export class SendingProblem extends Error {
  constructor(readonly reason: SendingReason) {
    super(`This cannot be sent: ${reason}`)
  }
}
