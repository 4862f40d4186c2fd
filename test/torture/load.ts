// Ordinary life while something is broken: work for the workers, readers who leave, a publisher who pauses.
import { setTimeout as sleep } from 'node:timers/promises'
import { control, withdraw } from './calls'
import { hurryRetries, nextIssue, openRanges, type Rig } from './rig'

export interface Life {
  /** Ends it, with every call that is under way. Throws what went wrong in it. */
  stop(): Promise<void>
}

export interface LifeOptions {
  /** Readers who leave, at most this part of all. */
  leaving?: number
  /** Milliseconds between two who leave. */
  leavingEveryMs?: number
  /** Whether newsletters are paused and resumed. */
  isPausing?: boolean
  /** A new newsletter when fewer ranges than this are open. */
  openRanges?: number
}

export function startLife(rig: Rig, options: LifeOptions = {}): Life {
  const state = { isOver: false }
  const loop = async (pauseMs: () => number, act: () => Promise<unknown>) => {
    while (!state.isOver) {
      // The database itself may be away for a moment.
      await act().catch(error => rig.problems.push(error))
      await sleep(pauseMs())
    }
  }
  const loops = [
    loop(
      () => 150,
      () => provideWork(rig, options.openRanges ?? 4),
    ),
    loop(
      () => 1500,
      () => hurryRetries(rig),
    ),
    leaving(rig, options, loop),
    ...(options.isPausing ? [pausing(rig, loop)] : []),
  ]
  return {
    async stop() {
      state.isOver = true
      await Promise.all(loops)
    },
  }
}

type Loop = (pauseMs: () => number, act: () => Promise<unknown>) => Promise<void>

async function provideWork(rig: Rig, wanted: number): Promise<void> {
  if ((await openRanges(rig)) < wanted) await nextIssue(rig)
}

function leaving(rig: Rig, { leaving = 0, leavingEveryMs = 60 }: LifeOptions, loop: Loop): Promise<void> {
  const dice = rig.random('leaving')
  const leavers = rig.readers.filter(() => dice.next() < leaving).values()
  return loop(
    () => dice.whole(1, 2 * leavingEveryMs),
    async () => {
      const issue = rig.issues.at(-dice.whole(1, 2)) ?? rig.issues.at(-1)
      if (!issue) return
      const { value: reader } = leavers.next()
      if (reader) await withdraw(rig, issue, reader, dice.next() < 0.5 ? 'one-click' : 'mutation')
    },
  )
}

function pausing(rig: Rig, loop: Loop): Promise<void> {
  const dice = rig.random('pausing')
  return loop(
    () => dice.whole(300, 2000),
    async () => {
      const issue = dice.pick(rig.issues.slice(-3))
      if (!issue || !(await control(rig, issue, 'pause'))) return
      await sleep(dice.whole(20, 400))
      while (!(await control(rig, issue, 'resume'))) await sleep(100)
    },
  )
}
