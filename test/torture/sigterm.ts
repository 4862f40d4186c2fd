// Worker processes ended by SIGTERM in the middle of their work: they leave nothing unknown (I5).
import { setTimeout as sleep } from 'node:timers/promises'
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
    const exits = await terminate(rig, times)
    await life.stop()
    const verdict = await judge(rig, 'sigterm', { sigterms: times }, { unknown: 0, undisturbed: true })
    const bad = exits.filter(code => code !== 0)
    if (bad.length > 0) {
      const problem = `workers ended with ${bad.join(', ')} after SIGTERM`
      verdict.violations.push({ invariant: 'I5', newsletter: null, delivery: null, problem })
    }
    return verdict
  } finally {
    await rig.stop()
  }
}

async function terminate(rig: Rig, times: number): Promise<(number | string | null)[]> {
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
  return Promise.all(exits)
}
