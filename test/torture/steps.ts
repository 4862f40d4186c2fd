// A worker killed, stopped, out of memory or failing at exactly one step, then another one that goes on.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { STEPS, type Step } from '../../src/steps'
import { judge, type Verdict } from './judge'
import { LEASE_MS, nextIssue, type Rig, startRig } from './rig'

const ACTS = ['kill', 'kill', 'stop', 'throw', 'delay:1500', 'exhaust'] as const
/** These happen for every message, the others only a few times. */
const OFTEN = /^(mail|rcpt|data|body|gate|dot|reply|settle)\./
const REACHED_WITHIN_MS = 15_000

export interface StepOptions {
  seed: number
  connections: number
  steps?: readonly Step[]
  /** Times that each step is tried, each with an act and an occurrence of its own. */
  rounds: number
}

export async function torturedAtSteps({ seed, connections, steps, rounds }: StepOptions): Promise<Verdict> {
  const rig = await startRig({ seed, connections, readers: 60, delayMs: 1 })
  const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-steps-'))
  try {
    const dice = rig.random('steps')
    const missed: string[] = []
    let done = 0
    for (let round = 0; round < rounds; round++)
      for (const step of steps ?? STEPS) {
        const act = dice.pick(ACTS) ?? 'kill'
        const nth = OFTEN.test(step) ? dice.whole(1, 20) : 1
        if (await strike(rig, join(folder, `${done}`), step, nth, act)) done++
        else missed.push(step)
      }
    rig.workers.start()
    const verdict = await judge(rig, 'steps', { steps: done }, { unknown: done * connections })
    for (const step of new Set(missed)) {
      const problem = `the step ${step} was never reached`
      verdict.violations.push({ invariant: 'I2', newsletter: null, delivery: null, problem })
    }
    return verdict
  } finally {
    await rig.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One newsletter, one worker that meets its fate at the step; false if it never came there. */
async function strike(rig: Rig, marks: string, step: Step, nth: number, act: string): Promise<boolean> {
  await nextIssue(rig)
  const worker = rig.workers.start({
    STEP_FAULTS: `${step}:${nth}:${act}`,
    STEP_MARKS: marks,
    // A small heap, so that it is full at once when that is asked for.
    NODE_OPTIONS: `--max-old-space-size=96 --require ${resolve('test/support/step-faults.cjs')}`,
  })
  const isReached = await until(() => isMarked(marks))
  if (isReached && act === 'stop') {
    await sleep(LEASE_MS + 300)
    worker.thaw()
  }
  if (isReached && act !== 'kill') await sleep(200)
  if (worker.isRunning()) await worker.end(act === 'kill' || !isReached ? 'SIGKILL' : 'SIGTERM')
  return isReached
}

const isMarked = (file: string): boolean => {
  try {
    return readFileSync(file, 'utf8').length > 0
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<boolean> {
  for (const end = Date.now() + REACHED_WITHIN_MS; Date.now() < end; await sleep(10))
    if (condition()) return true
  return false
}
