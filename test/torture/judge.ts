// The end of a run: everything comes to rest, the checker judges, and the figures are put together.
import { type Expectations, verify } from '../support/verify'
import { indexOf, isKept, keyOf, type Violation } from '../support/verify-index'
import { unexplainedUnknown } from '../support/verify-messages'
import { resumeAll } from './calls'
import { factsOf, type Rig, settleAll } from './rig'

export interface Verdict {
  mode: string
  seed: number
  figures: Record<string, number | string>
  violations: Violation[]
}

/** Settles the run and judges it. */
export async function judge(
  rig: Rig,
  mode: string,
  figures: Record<string, number | string>,
  expected: Expectations,
): Promise<Verdict> {
  const startedAt = Date.now()
  await resumeAll(rig)
  const isSettled = await settleAll(rig)
  const settledAt = Date.now()
  const facts = await factsOf(rig)
  const index = indexOf(facts)
  const violations = verify(facts, expected)
  if (!isSettled) {
    const problem = 'newsletters are still open long after the last fault'
    violations.push({ invariant: 'I2', newsletter: null, delivery: null, problem })
  }
  const kept = [...index.kept.values()]
  const count = (status: string) => facts.deliveries.filter(row => row.status === status).length
  const isSent = new Set(
    facts.deliveries.filter(row => row.status === 'sent').map(row => keyOf(row.newsletterId, row.readerId)),
  )
  return {
    mode,
    seed: rig.options.seed,
    violations,
    figures: {
      ...figures,
      settleSeconds: ((settledAt - startedAt) / 1000).toFixed(1),
      newsletters: facts.newsletters.length,
      deliveries: facts.deliveries.length,
      messages: facts.messages.filter(isKept).length,
      duplicates: kept.reduce((sum, messages) => sum + messages.length - 1, 0),
      lost: violations.filter(({ invariant }) => invariant === 'I2').length,
      falseSent: [...isSent].filter(key => !index.kept.get(key)?.some(({ answer }) => answer === 2)).length,
      sent: count('sent'),
      failed: count('failed'),
      skipped: count('skipped'),
      unknown: count('unknown'),
      unexplained: unexplainedUnknown(index),
      withdrawals: facts.calls.filter(({ kind, answeredAt }) => kind === 'withdraw' && answeredAt).length,
      pauses: facts.calls.filter(({ kind, answeredAt }) => kind === 'pause' && answeredAt).length,
    },
  }
}
