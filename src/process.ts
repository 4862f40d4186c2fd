// How a process of ours lives: starts or says why not, stops once on SIGTERM or SIGINT, never outlives its parent.
import { ConfigError } from './config'
import { errorFields, type Log } from './log'

export interface Running {
  log: Log
  /** How long stopping may take before the process ends anyway. */
  graceMs: number
  stop(): Promise<void>
}

/** Runs `start`; a failure is printed in plain words and ends the process with 1. */
export function runProcess(start: () => Promise<Running>): void {
  start().then(keepUntilSignal, error => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : startProblem(error)}\n`)
    process.exit(1)
  })
}

const startProblem = (error: unknown): string => `Could not start: ${String(errorFields(error).message)}`

function keepUntilSignal({ log, graceMs, stop }: Running): void {
  let isStopping = false
  const end = (reason: string) => {
    if (isStopping) return
    isStopping = true
    log.info({ reason }, 'stopping')
    setTimeout(() => {
      log.error('did not stop in time')
      process.exit(1)
    }, graceMs).unref()
    stop().then(
      () => process.exit(0),
      error => {
        log.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
  // Started by another process of ours: when that one dies, nobody is left to stop this one.
  if (process.send) process.on('disconnect', () => end('parent gone'))
}
