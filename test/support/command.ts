// The command line as a person runs it: a process of its own, from the built files.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { keepOutput } from './leaks'

export interface Outcome {
  code: number | null
  out: string
  err: string
}

export const runWeinterrupt = (env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Outcome> =>
  runWithInput(env, undefined, ...args)

/** The same with a pipe on standard input. */
export function runWithInput(
  env: NodeJS.ProcessEnv,
  input: string | undefined,
  ...args: readonly string[]
): Promise<Outcome> {
  const child = spawn(process.execPath, [resolve('dist/cli/main.js'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const outcome: Outcome = { code: null, out: '', err: '' }
  child.stdout?.on('data', chunk => {
    outcome.out += chunk
  })
  child.stderr?.on('data', chunk => {
    outcome.err += chunk
  })
  // A command that has ended does not read any more.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', code => done({ ...withoutLog(outcome), code }))
  })
}

/** What the command says to the person; what it logs goes to the other logs of the run. */
function withoutLog(outcome: Outcome): Outcome {
  const isLog = (line: string): boolean => line.startsWith('{"level":')
  const lines = outcome.err.split('\n')
  keepOutput(lines.filter(isLog).join('\n'))
  return { ...outcome, err: lines.filter(line => !isLog(line)).join('\n') }
}
