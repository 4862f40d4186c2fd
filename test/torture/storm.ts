// Many readers leave at once, at a steady pace through every door, while a large newsletter goes out as fast as it can (F25):
// nothing may pass its gate for them after the answer, and the answer must come quickly (I4).
import { setTimeout as sleep } from 'node:timers/promises'
import { startApiProcess } from '../support/api-process'
import type { KnownReader } from '../support/bulk-readers'
import type { Violation } from '../support/verify-index'
import { withdraw } from './calls'
import { handOut } from './credentials'
import { type DoorName, doorNames } from './doors'
import { inFlight, isOver } from './in-flight'
import { judge, type Verdict } from './judge'
import { startLeavers } from './leavers'
import { type Issue, nextIssue, type Rig, startRig } from './rig'
import type { TimesOptions } from './sigterm'

/** Reached by many readers at once only when a mail asks for it; an open loop, whatever the answers take. */
const PER_SECOND = 25
const READERS = 50_000
/** Looking costs the database more than the withdrawals do. */
const LOOK_MS = 100

interface Left {
  door: DoorName
  ms: number
  isAnswered: boolean
}

export interface StormOptions extends TimesOptions {
  /** Over all doors. */
  perSecond?: number
  /** Before each reply of the SMTP server: what makes a small newsletter last. */
  delayMs?: number
}

/** `times` readers leave through each door. */
export async function torturedByStorm(options: StormOptions): Promise<Verdict> {
  const { seed, connections, times, readers = READERS, perSecond = PER_SECOND, delayMs } = options
  const rig = await startRig({ seed, connections, readers, delayMs })
  const api = await startApiProcess(rig.product)
  const leavers = startLeavers()
  try {
    rig.leaveAt = api.url
    rig.leavers = leavers
    // In turns, so that readers of every door are in flight at any moment.
    const doorsOf = new Map(
      rig.readers.map((reader, n) => [reader, doorNames[n % doorNames.length] ?? 'one-click']),
    )
    const keys = await handOut(rig, doorsOf)
    const issue = await nextIssue(rig)
    const crowd = { times, perSecond, doorsOf, keys }
    const rehearsed = await rehearse(rig, issue, crowd)
    rig.workers.start()
    const gone = await storm(rig, issue, crowd, rehearsed)
    const unanswered = gone.filter(({ isAnswered }) => !isAnswered).length
    const verdict = await judge(
      rig,
      'storm',
      { perSecond, unanswered, ...latencies(gone) },
      { unknown: 0, undisturbed: true },
    )
    verdict.violations.push(...shortcomings(gone, times))
    return verdict
  } finally {
    await leavers.stop()
    await api.stop()
    await rig.stop()
  }
}

/** A run that did not show what it is for. */
function shortcomings(gone: readonly Left[], times: number): Violation[] {
  const say = (problem: string): Violation => ({ invariant: 'I4', newsletter: null, delivery: null, problem })
  const answered = new Set(gone.filter(({ isAnswered }) => isAnswered).map(({ door }) => door))
  return [
    ...doorNames.filter(door => !answered.has(door)).map(door => say(`nobody could leave by ${door}`)),
    ...(gone.length < times * doorNames.length
      ? [say(`only ${gone.length} left before everything was sent: take more --readers`)]
      : []),
  ]
}

interface Crowd {
  times: number
  perSecond: number
  /** The door that each reader takes, and what some doors need. */
  doorsOf: ReadonlyMap<KnownReader, DoorName>
  keys: ReadonlyMap<number, string>
}

/**
 * Some leave by each door before anything is sent, so that no figure is that of an API that has just started. Nobody is
 * erased yet: they would not be of the audience (I2).
 */
async function rehearse(rig: Rig, issue: Issue, crowd: Crowd): Promise<Set<KnownReader>> {
  const some = rig.readers
    .slice(0, doorNames.length * Math.ceil(crowd.times / 4))
    .filter(reader => !crowd.doorsOf.get(reader)?.endsWith('erase'))
  for (const reader of some)
    await left(rig, issue, reader, crowd.doorsOf.get(reader) ?? 'one-click', crowd.keys.get(reader.id))
  return new Set(some)
}

/** Answers how each withdrawal went; fewer than wanted when the newsletter was over before. */
async function storm(
  rig: Rig,
  issue: Issue,
  crowd: Crowd,
  rehearsed: ReadonlySet<KnownReader>,
): Promise<Left[]> {
  const wanted = crowd.times * doorNames.length
  const take = turns(crowd)
  const staying = rig.readers.filter(reader => !rehearsed.has(reader))
  const byId = new Map(staying.map(reader => [reader.id, reader]))
  const leaving: Promise<Left>[] = []
  let startedAt = 0
  while (leaving.length < wanted) {
    await sleep(LOOK_MS)
    const targets = await inFlight(rig, issue, byId, 2_000)
    if (targets.length === 0 && leaving.length > 0 && (await isOver(rig, issue))) break
    if (targets.length > 0) startedAt ||= performance.now()
    const due = Math.ceil(((performance.now() - startedAt) / 1000) * crowd.perSecond)
    for (const reader of targets) {
      if (leaving.length >= Math.min(due, wanted)) break
      byId.delete(reader.id)
      const door = take(reader)
      if (door) leaving.push(left(rig, issue, reader, door, crowd.keys.get(reader.id)))
    }
  }
  return Promise.all(leaving)
}

/** The reader's door; undefined when enough have left by it. */
function turns({ doorsOf, times }: Crowd): (reader: KnownReader) => DoorName | undefined {
  const leftBy = new Map<DoorName, number>()
  return reader => {
    const door = doorsOf.get(reader)
    const before = (door && leftBy.get(door)) ?? 0
    if (!door || before === times) return undefined
    leftBy.set(door, before + 1)
    return door
  }
}

async function left(
  rig: Rig,
  issue: Issue,
  reader: KnownReader,
  door: DoorName,
  key: string | undefined,
): Promise<Left> {
  const { answeredAt, ms } = await withdraw(rig, issue, reader, door, key)
  return { door, ms, isAnswered: answeredAt !== null }
}

function latencies(gone: readonly Left[]): Record<string, string> {
  const figures = doorNames.map(door => {
    const sorted = gone
      .flatMap(one => (one.door === door && one.isAnswered ? one.ms : []))
      .sort((a, b) => a - b)
    const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(0)
    return [door, `${sorted.length} answered, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`]
  })
  return Object.fromEntries(figures)
}
