import { setTimeout as pause } from 'node:timers/promises'
import { LocalProblem } from './problem'

const WITHIN_MS = 120_000

/** Waits until the API says that it can serve. */
export async function untilReady(origin: string): Promise<void> {
  let answer = 'no answer'
  for (const until = Date.now() + WITHIN_MS; Date.now() < until; await pause(100)) {
    answer = await ask(origin)
    if (answer === 'ready') return
  }
  throw new LocalProblem(`The API at ${origin} did not get ready within two minutes (${answer}).`)
}

async function ask(origin: string): Promise<string> {
  try {
    const response = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.status === 200 ? 'ready' : `/readyz answers ${response.status}`
  } catch {
    return 'no answer'
  }
}
