// A worker as a process of its own, so that it can be killed or frozen.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { keepOutput, outputOf } from './leaks'
import type { Product } from './product'

export interface WorkerProcess {
  /** Sends the signal; for deadly ones, resolves with the exit code or signal when the process is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null>
  /** Exit code or signal, once the process is gone. */
  exited: Promise<number | string | null>
  freeze(): void
  thaw(): void
  /** What it has logged; nothing unless its LOG_LEVEL was set. */
  log(): string
}

const started = new Set<ChildProcess>()

export function startWorkerProcess(product: Product, env: NodeJS.ProcessEnv = {}): WorkerProcess {
  const child = spawn(process.execPath, ['dist/worker/main.js'], {
    env: { PATH: process.env.PATH, ...product.env, ...env },
    stdio: ['ignore', outputOf(), env.LOG_LEVEL ? 'pipe' : outputOf()],
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', text => {
    log += text
    keepOutput(text)
  })
  started.add(child)
  const exit = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    started.delete(child)
    return code ?? signal ?? null
  })
  return {
    exited: exit,
    end: signal => {
      child.kill(signal)
      return exit
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    log: () => log,
  }
}

/** Leaves no process behind, whatever a test did. */
export async function endWorkerProcesses(): Promise<void> {
  await Promise.all(
    [...started].map(async child => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }),
  )
}
