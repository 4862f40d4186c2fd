import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LocalProblem } from './problem'

/** A server that cannot outlive us. */
export interface Guarded {
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>
  readonly hasEnded: () => boolean
  /** Stops it cleanly (SIGTERM, after 10 s SIGKILL) and waits. */
  stop(): Promise<void>
}

/** Starts a server behind a guard (see guard.ts); its output goes to `logFile`, written anew. */
export function runGuarded(server: {
  command: string
  args: readonly string[]
  cwd: string
  logFile: string
}): Guarded {
  const guard = spawn(process.execPath, [guardFile(), server.logFile, server.command, ...server.args], {
    cwd: server.cwd,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  let over = false
  const ended = new Promise<void>(resolve => {
    const settle = () => {
      over = true
      resolve()
    }
    guard.once('exit', settle)
    guard.once('error', settle)
  })
  guard.stdin.on('error', () => {}) // EPIPE after it has gone says nothing new
  return {
    ended,
    hasEnded: () => over,
    async stop() {
      guard.stdin.end()
      await ended
    },
  }
}

// Tests run this file from src/, but a guard must be started by plain node: then the built one serves.
function guardFile(): string {
  const places = [join(__dirname, 'guard.js'), join(__dirname, '../../dist/local/guard.js')]
  const found = places.find(existsSync)
  if (!found) throw new LocalProblem('dist/local/guard.js is missing: run `npm run build` first.')
  return found
}
