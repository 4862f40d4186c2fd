// On one site one after the other: workers ended by SIGTERM, Redis emptied, newsletters paused. None of it may leave a trace.
import { judge, type Verdict } from './judge'
import { startLife } from './load'
import { startRig } from './rig'
import { flushOften, pauseOften } from './servers-away'
import { type TimesOptions, terminateOften } from './sigterm'

/** Each of them so many times. */
export async function torturedGently(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    const life = startLife(rig, { leaving: 0.2 })
    const violations = await terminateOften(rig, times)
    await flushOften(rig, times)
    await pauseOften(rig, times)
    await life.stop()
    const verdict = await judge(rig, 'gently', { times }, { unknown: 0, undisturbed: true })
    verdict.violations.push(...violations)
    return verdict
  } finally {
    await rig.stop()
  }
}
