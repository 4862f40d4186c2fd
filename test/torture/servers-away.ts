// Redis emptied, MariaDB killed, newsletters paused: again and again while they go out.
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from './calls'
import type { Verdict } from './judge'
import { judge } from './judge'
import { startLife } from './load'
import { nextIssue, type Rig, settleAll, startRig, untilProgress } from './rig'
import { servers } from './servers'
import type { TimesOptions } from './sigterm'

/** Redis is disposable: emptied at any moment it changes no final state (I7). */
export async function torturedByRedisFlushes(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    await flushOften(rig, times)
    await life.stop()
    return await judge(rig, 'redis-flushes', { flushes: times }, { unknown: 0, undisturbed: true })
  } finally {
    await rig.stop()
  }
}

export async function flushOften(rig: Rig, times: number): Promise<void> {
  const dice = rig.random('flushes')
  for (let n = 0; n < times; n++) {
    await sleep(dice.whole(20, 500))
    await untilProgress(rig)
    await rig.product.connections.redis.flushdb()
  }
}

/** What was answered to somebody is not lost, and what was not is not done twice. */
export async function torturedByMariadbKills(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    const dice = rig.random('mariadb')
    for (let n = 0; n < times; n++) {
      await sleep(dice.whole(50, 700))
      await untilProgress(rig)
      await servers().killMariadb()
      while (rig.workers.active.size < 2) rig.workers.start()
    }
    await life.stop()
    // An accepted message whose settlement met the dead database: one per connection of both workers.
    return await judge(rig, 'mariadb-kills', { kills: times }, { unknown: times * connections * 2 })
  } finally {
    await rig.stop()
  }
}

const WAIT_SECONDS = 1

/** A database that hangs lets nothing pass its gate, whatever becomes of the commits that were on their way. */
export async function torturedByMariadbFreezes(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const env = { DATABASE_WAIT_SECONDS: String(WAIT_SECONDS) }
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3, env })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    const dice = rig.random('freezes')
    for (let n = 0; n < times; n++) {
      await sleep(dice.whole(50, 700))
      await untilProgress(rig)
      servers().freezeMariadb()
      await sleep(WAIT_SECONDS * 1000 + dice.whole(0, 3000))
      servers().thawMariadb()
    }
    await life.stop()
    // A lease may end before its holder knows what became of its last gate: one per connection of both workers.
    return await judge(rig, 'mariadb-freezes', { freezes: times }, { unknown: times * connections * 2 })
  } finally {
    servers().thawMariadb()
    await rig.stop()
  }
}

/**
 * With its disk full MariaDB refuses what needs more room, hangs until it looks again, or ends. Nobody is lost, and all goes
 * on when there is room again.
 */
export async function torturedByFullDisk(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  // What a starved MariaDB holds up must not cost a claim each time.
  const env = { LEASE_SECONDS: '5' }
  const rig = await startRig({ seed, connections, readers: options.readers ?? 1000, delayMs: 3, env })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2, openRanges: 12 })
    let refusals = 0
    let ends = 0
    for (let n = 0; n < times; n++) {
      while (rig.messages.length < 100) await sleep(100)
      await untilProgress(rig)
      servers().fillDisk()
      refusals += await untilRefused(rig)
      servers().freeDisk()
      if (await servers().reviveMariadb()) ends++
      while (rig.workers.active.size < 2) rig.workers.start()
    }
    await life.stop()
    // A thread of MariaDB that found the disk full looks again after a minute.
    await settleAll(rig, 150)
    const figures = { timesFull: times, refusals, ends }
    return await judge(rig, 'disk-full', figures, { unknown: times * connections * 2 })
  } finally {
    servers().freeDisk()
    await rig.stop()
  }
}

const REFUSED_WITHIN_MS = 60_000

/** Uses up what room the tables still have; answers how many times something was refused for want of it. */
async function untilRefused(rig: Rig): Promise<number> {
  const before = rig.problems.length
  const refused = () =>
    rig.problems.slice(before).filter(problem => /full|UNAVAILABLE/i.test(String(problem)))
  for (const end = Date.now() + REFUSED_WITHIN_MS; Date.now() < end && refused().length === 0; ) {
    await nextIssue(rig).catch(error => rig.problems.push(error))
    await sleep(500)
  }
  await sleep(2000)
  return refused().length
}

/** Paused and resumed in the middle: nothing passes meanwhile, and the rest goes out once. */
export async function torturedByPauses(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig)
    await pauseOften(rig, times)
    await life.stop()
    return await judge(rig, 'pauses', {}, { unknown: 0, undisturbed: true })
  } finally {
    await rig.stop()
  }
}

export async function pauseOften(rig: Rig, times: number): Promise<void> {
  const dice = rig.random('pauses')
  for (let n = 0; n < times; ) {
    await untilProgress(rig)
    const last = rig.messages.at(-1)?.newsletter
    const issue = rig.issues.find(one => one.publicId === last) ?? (await nextIssue(rig))
    if (!(await control(rig, issue, 'pause'))) continue
    n++
    await sleep(dice.whole(0, 150))
    while (!(await control(rig, issue, 'resume'))) await sleep(50)
    await sleep(dice.whole(0, 100))
  }
}
