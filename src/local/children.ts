import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { lastMessages } from './child-log'
import { LocalProblem } from './problem'

const KILL_AFTER_GRACE_MS = 2_000

/** One of our own processes. */
export interface Child {
  /** Rejects with a LocalProblem when it ends although nobody stopped it. */
  readonly failed: Promise<never>
  /** SIGTERM, and SIGKILL when it is still there after the grace. */
  stop(): Promise<void>
  /** SIGKILL, now. */
  kill(): void
}

/**
 * Starts `dist/<name>/main.js`. Its session is its own, so that only we decide when it stops, and its IPC channel
 * tells it when we are gone. With a log file its output goes there and not to the terminal.
 */
export function startChild(name: string, env: NodeJS.ProcessEnv, graceMs: number, logFile?: string): Child {
  const output = logFile ? openSync(logFile, 'w', 0o600) : 'inherit'
  const child = spawn(process.execPath, [join(__dirname, '..', name, 'main.js')], {
    env,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  if (typeof output === 'number') closeSync(output)
  const ended = untilEnded(child)
  let stopping = false
  const failed = ended.then(how => {
    if (stopping) return new Promise<never>(() => {})
    throw new LocalProblem(`The ${name} process ${how}${logFile ? `:${lastMessages(logFile)}` : '.'}`)
  })
  failed.catch(() => {}) // whoever races on it reports it
  return {
    failed,
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs + KILL_AFTER_GRACE_MS)
      await ended
      clearTimeout(timer)
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}

/** A running `weinterrupt` command; it shares our terminal. */
export interface Command {
  readonly exitCode: Promise<number>
  stop(): Promise<void>
}

/** Runs one `weinterrupt` command to its end. */
export function runCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const child = spawn(process.execPath, [join(__dirname, '../cli/main.js'), ...args], {
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const exitCode = untilEnded(child).then(() => child.exitCode ?? 1)
  return {
    exitCode,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_GRACE_MS)
      await exitCode
      clearTimeout(timer)
    },
  }
}

const untilEnded = (child: ChildProcess) =>
  new Promise<string>(resolve => {
    child.once('exit', (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
    )
    child.once('error', error => resolve(`did not start (${error.message})`))
  })
