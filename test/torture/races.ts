// Readers who leave at the very moment their message goes out: the withdrawal comes before the gate or names it (I4).
import { setTimeout as sleep } from 'node:timers/promises'
import { withdraw } from './calls'
import { inFlight, isOver } from './in-flight'
import { judge, type Verdict } from './judge'
import { type Issue, nextIssue, type Rig, startRig } from './rig'
import type { TimesOptions } from './sigterm'

const LANES = 8

/** Each race is one reader who leaves through the HTTP door while the worker is just about to reach, or has, their row. */
export async function torturedByRaces(
  options: TimesOptions,
  { delayMs = 8, prepare }: { delayMs?: number; prepare?: (rig: Rig) => Promise<void> } = {},
): Promise<Verdict> {
  const { seed, connections, times } = options
  const readers = options.readers ?? Math.ceil(times * 1.6)
  const rig = await startRig({ seed, connections, readers, delayMs })
  try {
    await prepare?.(rig)
    const issue = await nextIssue(rig)
    rig.workers.start()
    const raced = await race(rig, issue, times)
    const verdict = await judge(rig, 'races', { races: raced }, { unknown: 0, undisturbed: true })
    const named = rig.calls.filter(({ passed }) => (typeof passed === 'number' ? passed : passed.length) > 0)
    verdict.figures.namedAsPassed = named.length
    return verdict
  } finally {
    await rig.stop()
  }
}

async function race(rig: Rig, issue: Issue, times: number): Promise<number> {
  const byId = new Map(rig.readers.map(reader => [reader.id, reader]))
  let raced = 0
  while (raced < times) {
    const targets = await inFlight(rig, issue, byId, 40)
    if (targets.length === 0 && (await isOver(rig, issue))) return raced
    const wanted = targets.slice(0, Math.min(LANES, times - raced))
    for (const reader of wanted) byId.delete(reader.id)
    raced += wanted.length
    await Promise.all(
      wanted.map((reader, n) => withdraw(rig, issue, reader, n % 2 ? 'one-click' : 'mutation')),
    )
    if (wanted.length === 0) await sleep(2)
  }
  return raced
}
