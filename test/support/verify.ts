// The offline checker: facts of a run in, violations of the invariants out. It knows nothing of how the product works.
import type { Facts } from './facts'
import { checkAccounts, checkUndisturbed } from './verify-accounts'
import { checkBarriers } from './verify-barriers'
import { indexOf, type Violation } from './verify-index'
import { checkMessages, checkOutcomes, checkStarts } from './verify-messages'

export interface Expectations {
  /** How many deliveries may be unknown beside those whose server really gave no answer. */
  unknown?: number
  /** Nothing but Redis was disturbed: everybody has got it, or has left (I7). */
  undisturbed?: boolean
}

/** Every violation of I1–I7, I13 and I14 that the facts show. Empty means: it held. */
export function verify(facts: Facts, expected: Expectations = {}): Violation[] {
  const index = indexOf(facts)
  return [
    ...checkMessages(index),
    ...checkStarts(index),
    ...checkAccounts(index),
    ...checkBarriers(index),
    ...checkOutcomes(index, expected.unknown ?? Number.POSITIVE_INFINITY),
    ...(expected.undisturbed ? checkUndisturbed(index) : []),
  ]
}

/** I7: what had no effect left everything as it was. */
export function verifySame(before: Record<string, unknown>, after: Record<string, unknown>): Violation[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map(name => ({ invariant: 'I7', newsletter: null, delivery: null, problem: `${name} has changed` }))
}
