// Processes the benchmark starts: known by pid, their CPU read from /proc, and none left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lookFor } from '../../src/local/binaries'

export interface Running {
  pid: number
  /** SIGTERM, after 40 s SIGKILL; answers the exit code, null when a signal ended it. */
  stop(): Promise<number | null>
  hasEnded(): boolean
  /** When it has ended by itself: its exit code. */
  ended: Promise<number | null>
}

const started = new Set<ChildProcess>()
const KILL_AFTER_MS = 40_000

export interface Start {
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Its standard output and error. */
  logFile: string
  /** Answered as running only when this has appeared in its output. */
  ready?: string
}

/** Starts a process and waits until it is ready. */
export async function start({ command, args, env, logFile, ready }: Start): Promise<Running> {
  const log = openSync(logFile, 'w', 0o600)
  const child = spawn(command, args, { env, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)
  started.add(child)
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => {
    started.delete(child)
    return code ?? null
  })
  ended.catch(() => {})
  const running: Running = {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      await ended.catch(() => {})
      clearTimeout(timer)
      return child.exitCode
    },
  }
  if (ready) await untilReady(running, logFile, ready)
  return running
}

async function untilReady(running: Running, logFile: string, text: string): Promise<void> {
  for (const end = Date.now() + 30_000; !readFileSync(logFile, 'utf8').includes(text); await sleep(20))
    if (running.hasEnded() || Date.now() > end)
      throw new Error(`A process did not get ready:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
}

/** For an end nobody waits for: everything that still runs is killed by its pid. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL')
}

/** A program of the system that ends when we do, however we end; as an ordinary user, since some refuse to be root. */
export function asChild(command: string, args: readonly string[]): Pick<Start, 'command' | 'args'> {
  if (!lookFor('setpriv')) return { command, args }
  const user = process.getuid?.() === 0 ? ['--reuid=nobody', '--regid=nogroup', '--clear-groups'] : []
  return { command: 'setpriv', args: [...user, '--pdeathsig', 'TERM', '--', command, ...args] }
}

/** A TypeScript file of this folder as a process of its own. */
export const script = (name: string, args: readonly string[]): Pick<Start, 'command' | 'args'> => ({
  command: process.execPath,
  args: [join(resolve('test/bench'), 'run.cjs'), join(resolve('test/bench'), name), ...args],
})

// USER_HZ is 100 on every Linux that Node runs on (proc(5), sysconf).
const TICK_US = 10_000

/** User and system time the process has used, all its threads, in microseconds; 10 ms fine. 0 when it is gone. */
export function cpuUs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold blanks: state is the first, utime and stime the 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  } catch {
    return 0
  }
}

/** Progress and everything else that is not the result goes to standard error. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)
