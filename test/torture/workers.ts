// Worker processes to be killed and frozen, with the next ones kept warm.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { outputOf } from '../support/leaks'

export interface TortureWorker {
  readonly pid: number
  /** Deadly signals: resolves with exit code or signal when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null>
  freeze(): void
  thaw(): void
  /** Resolves when it has ended by itself or otherwise. */
  readonly ended: Promise<number | string | null>
  isRunning(): boolean
  /** It works, and handles signals. */
  isReady(): boolean
}

export class Workers {
  private spare: ChildProcess | undefined
  private readonly all = new Set<ChildProcess>()
  readonly active = new Set<TortureWorker>()

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Starts one more; with faults at steps it cannot be a warm one. */
  start(faults: NodeJS.ProcessEnv = {}): TortureWorker {
    const isSpecial = Object.keys(faults).length > 0
    const child = (isSpecial ? undefined : this.spare) ?? this.fork(faults)
    if (!isSpecial) this.spare = this.fork()
    child.send('go')
    const worker = handle(child)
    this.active.add(worker)
    void worker.ended.then(() => this.active.delete(worker))
    return worker
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.all].map(async child => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }),
    )
  }

  private fork(env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = fork(join(__dirname, 'warm-worker.cjs'), {
      env: { PATH: process.env.PATH, ...this.env, ...env },
      execArgv: [],
      stdio: ['ignore', outputOf(), outputOf(), 'ipc'],
    })
    this.all.add(child)
    child.once('exit', () => this.all.delete(child))
    child.on('error', () => {}) // its channel closes when it is killed
    return child
  }
}

function handle(child: ChildProcess): TortureWorker {
  const ended = once(child, 'exit').then(
    ([code, signal]: (number | string | null)[]) => code ?? signal ?? null,
  )
  let isReady = false
  child.once('message', () => {
    isReady = true
  })
  return {
    pid: child.pid ?? 0,
    ended,
    end: signal => {
      child.kill(signal)
      return ended
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    isReady: () => isReady,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  }
}
