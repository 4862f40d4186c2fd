/**
 * What became of a change a reader asked for. Whatever would bring more mail needs a fresh proof (DESIGN §6): without one
 * the answer is `needs-proof`, and nothing was changed.
 */
export type ReaderChange =
  /** With the deliveries that had passed their gate before (I4). */
  | { kind: 'changed'; alreadyPassed: string[] }
  | { kind: 'needs-proof' }
  /** There is no yes that it could be about. */
  | { kind: 'not-standing' }
  | { kind: 'suppressed' }

export const changed = (alreadyPassed: string[] = []): ReaderChange => ({ kind: 'changed', alreadyPassed })
