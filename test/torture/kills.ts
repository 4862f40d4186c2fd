// Worker processes killed with SIGKILL and frozen for longer than their lease, at random moments of a busy site.
import { setTimeout as sleep } from 'node:timers/promises'
import { judge, type Verdict } from './judge'
import { startLife } from './load'
import { LEASE_MS, type Rig, startRig, untilProgress } from './rig'
import type { TortureWorker } from './workers'

const WORKERS = 2
const FREEZES = 0.2

export interface KillOptions {
  seed: number
  connections: number
  kills: number
  readers?: number
}

export async function torturedByKills({ seed, connections, kills, readers }: KillOptions): Promise<Verdict> {
  const count = readers ?? 600 + kills * 2
  const rig = await startRig({ seed, connections, readers: count, faulty: 0.11, delayMs: 3 })
  try {
    for (let n = 0; n < WORKERS; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.4, leavingEveryMs: 100, isPausing: true })
    const startedAt = Date.now()
    const done = await disturb(rig, kills)
    const seconds = (Date.now() - startedAt) / 1000
    await life.stop()
    for (let n = rig.workers.active.size; n < WORKERS; n++) rig.workers.start()
    const verdict = await judge(
      rig,
      'kills',
      { ...done, connections, seconds: seconds.toFixed(1) },
      // Each killed or frozen process leaves at most one per connection (I5).
      { unknown: kills * connections },
    )
    verdict.figures.unknownPerKill = (Number(verdict.figures.unexplained) / kills).toFixed(2)
    return verdict
  } finally {
    await rig.stop()
  }
}

async function disturb(rig: Rig, times: number): Promise<{ kills: number; freezes: number }> {
  const dice = rig.random('kills')
  const thaws: Promise<void>[] = []
  let kills = 0
  for (let n = 0; n < times; n++) {
    await sleep(dice.whole(20, 400))
    await untilProgress(rig)
    const victim = dice.pick([...rig.workers.active])
    if (!victim) throw new Error('There is no worker')
    // The first always, so that a short run has one too.
    if (n === 0 || dice.next() < FREEZES) thaws.push(frozen(rig, victim, LEASE_MS + dice.whole(100, 1200)))
    else {
      kills++
      await victim.end('SIGKILL')
    }
    while (awake(rig) < WORKERS) rig.workers.start()
  }
  await Promise.all(thaws)
  return { kills, freezes: times - kills }
}

const sleeping = new WeakSet<TortureWorker>()
const awake = (rig: Rig): number => [...rig.workers.active].filter(worker => !sleeping.has(worker)).length

async function frozen(rig: Rig, victim: TortureWorker, ms: number): Promise<void> {
  if (sleeping.has(victim) || !rig.workers.active.has(victim)) return
  sleeping.add(victim)
  victim.freeze()
  await sleep(ms)
  victim.thaw()
  sleeping.delete(victim)
}
