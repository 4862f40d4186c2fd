// Retention in the sweep: what ran out goes with every round, the daily rules a little with each, so that nothing waits for them.
import { periodsOf } from '../privacy/retention/periods'
import type { RetentionRule } from '../privacy/retention/rule'
import { retentionRules } from '../privacy/retention/rules'
import { dueRules, noteRun } from '../privacy/retention/run'
import { isUnavailable } from '../transaction'
import type { WorkerContext } from './context'

/** No round takes longer than this part of the time to the next one, but for its last batch. */
const SHARE = 0.25
/** A rule that failed is tried again after this. */
const REST_MS = 3_600_000

export interface RetentionKeeper {
  /** Removes what is over its time, as much as fits into one round. */
  keep(): Promise<void>
}

interface Run {
  rule: RetentionRule
  batches: AsyncGenerator<number>
  removed: number
}

export function createRetentionKeeper({ db, config, log, stopping }: WorkerContext): RetentionKeeper {
  const periods = periodsOf(config)
  const prompt = retentionRules.filter(({ every }) => every === 'SWEEP')
  const restUntil = new Map<RetentionRule, number>()
  let run: Run | undefined

  async function nextRun(): Promise<Run | undefined> {
    const isRested = (rule: RetentionRule) => (restUntil.get(rule) ?? 0) < Date.now()
    const rule = (await dueRules(db.manager)).find(isRested)
    return rule && { rule, batches: rule.forget(db, periods), removed: 0 }
  }

  async function goOn(current: Run): Promise<void> {
    const { rule } = current
    try {
      const batch = await current.batches.next()
      if (!batch.done) {
        current.removed += batch.value
        return
      }
      await noteRun(db.manager, rule, current.removed)
      if (current.removed > 0) log.info({ rule: rule.name, removed: current.removed }, 'retention')
    } catch (error) {
      if (isUnavailable(error)) throw error
      log.error({ err: error, rule: rule.name }, 'a retention rule failed')
      restUntil.set(rule, Date.now() + REST_MS)
    }
    run = undefined
  }

  return {
    async keep() {
      for (const rule of prompt) await rule.forget(db, periods).next()
      const until = Date.now() + config.sweepMs * SHARE
      do {
        run ??= await nextRun()
        if (!run) return
        await goOn(run)
      } while (Date.now() < until && !stopping.aborted)
    },
  }
}
