// Worker processes ended by SIGTERM in the middle of their work: they leave nothing unknown (I5).
import { setTimeout as sleep } from 'node:timers/promises'
import type { Violation } from '../support/verify-index'
import { judge, type Verdict } from './judge'
import { startLife } from './load'
import { type Rig, startRig, untilProgress } from './rig'

export interface TimesOptions {
  seed: number
  connections: number
  times: number
  readers?: number
}

export async function torturedBySigterm(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    const violations = await terminateOften(rig, times)
    await life.stop()
    const verdict = await judge(rig, 'sigterm', { sigterms: times }, { unknown: 0, undisturbed: true })
    verdict.violations.push(...violations)
    return verdict
  } finally {
    await rig.stop()
  }
}

/** Answers with a violation if one of them did not end well. */
export async function terminateOften(rig: Rig, times: number): Promise<Violation[]> {
  const dice = rig.random('sigterm')
  const exits: Promise<number | string | null>[] = []
  for (let n = 0; n < times; n++) {
    await sleep(dice.whole(20, 300))
    await untilProgress(rig)
    const isThere = () => [...rig.workers.active].some(worker => worker.isReady())
    while (!isThere()) await sleep(20)
    const victim = dice.pick([...rig.workers.active].filter(worker => worker.isReady()))
    if (!victim) throw new Error('There is no worker')
    rig.workers.active.delete(victim)
    exits.push(victim.end('SIGTERM'))
    rig.workers.start()
  }
  const bad = (await Promise.all(exits)).filter(code => code !== 0)
  const problem = `workers ended with ${bad.join(', ')} after SIGTERM`
  return bad.length > 0 ? [{ invariant: 'I5', newsletter: null, delivery: null, problem }] : []
}
