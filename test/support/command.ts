// The command line as a person runs it: a process of its own, from the built files.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

export interface Outcome {
  code: number | null
  out: string
  err: string
}

export async function runWeinterrupt(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const outcome: Outcome = { code: null, out: '', err: '' }
  child.stdout.on('data', chunk => {
    outcome.out += chunk
  })
  child.stderr.on('data', chunk => {
    outcome.err += chunk
  })
  const [code] = await once(child, 'close')
  return { ...outcome, code }
}
