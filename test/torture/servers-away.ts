// Redis emptied, MariaDB killed, newsletters paused: again and again while they go out.
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from './calls'
import type { Verdict } from './judge'
import { judge } from './judge'
import { startLife } from './load'
import { nextIssue, type Rig, startRig, untilProgress } from './rig'
import { servers } from './servers'
import type { TimesOptions } from './sigterm'

/** Redis is disposable: emptied at any moment it changes no final state (I7). */
export async function torturedByRedisFlushes(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    const dice = rig.random('flushes')
    for (let n = 0; n < times; n++) {
      await sleep(dice.whole(20, 500))
      await untilProgress(rig)
      await rig.product.connections.redis.flushdb()
    }
    await life.stop()
    return await judge(rig, 'redis-flushes', { flushes: times }, { unknown: 0, undisturbed: true })
  } finally {
    await rig.stop()
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

async function pauseOften(rig: Rig, times: number): Promise<void> {
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
