// Many readers leave at once, at a steady pace through every door, while a large newsletter goes out as fast as it can (F25):
// nothing may pass its gate for them after the answer, and the answer must come quickly (I4).
import { setTimeout as sleep } from 'node:timers/promises'
import { startApiProcess } from '../support/api-process'
import type { KnownReader } from '../support/bulk-readers'
import { type Door, doors, withdraw } from './calls'
import { inFlight, isOver } from './in-flight'
import { judge, type Verdict } from './judge'
import { type Issue, nextIssue, type Rig, startRig } from './rig'
import type { TimesOptions } from './sigterm'

/** Reached by many readers at once only when a mail asks for it; an open loop, whatever the answers take. */
const PER_SECOND = 1_000
const READERS = 50_000
const LOOK_MS = 20

interface Left {
  door: Door
  ms: number
  isAnswered: boolean
}

/** `times` readers leave through each door. */
export async function torturedByStorm(options: TimesOptions & { perSecond?: number }): Promise<Verdict> {
  const { seed, connections, times, readers = READERS, perSecond = PER_SECOND } = options
  const rig = await startRig({ seed, connections, readers })
  const api = await startApiProcess(rig.product)
  try {
    rig.leaveAt = api.url
    const issue = await nextIssue(rig)
    rig.workers.start()
    const left = await storm(rig, issue, { times, perSecond })
    const unanswered = left.filter(({ isAnswered }) => !isAnswered).length
    const verdict = await judge(
      rig,
      'storm',
      { perSecond, unanswered, ...latencies(left) },
      { unknown: 0, undisturbed: true },
    )
    if (left.length < times * doors.length) {
      const problem = `only ${left.length} left before everything was sent: take more --readers`
      verdict.violations.push({ invariant: 'I4', newsletter: null, delivery: null, problem })
    }
    return verdict
  } finally {
    await api.stop()
    await rig.stop()
  }
}

/** Answers how each withdrawal went; fewer than wanted when the newsletter was over before. */
async function storm(
  rig: Rig,
  issue: Issue,
  { times, perSecond }: { times: number; perSecond: number },
): Promise<Left[]> {
  const wanted = times * doors.length
  const byId = new Map(rig.readers.map(reader => [reader.id, reader]))
  const leaving: Promise<Left>[] = []
  let startedAt = 0
  while (leaving.length < wanted) {
    await sleep(LOOK_MS)
    const targets = await inFlight(rig, issue, byId, 2_000)
    if (targets.length === 0 && leaving.length > 0 && (await isOver(rig, issue))) break
    if (targets.length > 0) startedAt ||= performance.now()
    const due = Math.ceil(((performance.now() - startedAt) / 1000) * perSecond) - leaving.length
    for (const reader of targets.slice(0, Math.min(due, wanted - leaving.length))) {
      byId.delete(reader.id)
      leaving.push(leave(rig, issue, reader, doors[leaving.length % doors.length] as Door))
    }
  }
  return Promise.all(leaving)
}

async function leave(rig: Rig, issue: Issue, reader: KnownReader, door: Door): Promise<Left> {
  const startedAt = performance.now()
  const { answeredAt } = await withdraw(rig, issue, reader, door)
  return { door, ms: performance.now() - startedAt, isAnswered: answeredAt !== null }
}

function latencies(left: readonly Left[]): Record<string, string> {
  const figures = doors.map(door => {
    const sorted = left
      .flatMap(one => (one.door === door && one.isAnswered ? one.ms : []))
      .sort((a, b) => a - b)
    const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(0)
    return [door, `${sorted.length} answered, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`]
  })
  return Object.fromEntries(figures)
}
