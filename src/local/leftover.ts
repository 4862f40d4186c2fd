import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { identityOf, isRunning } from './process-identity'

const ENDS_BY_ITSELF_MS = 3_000
const STOPS_MS = 20_000

/** Ends a server that an earlier, killed run left in this folder; its pid file alone is not believed. */
export async function stopLeftover(pidFile: string, program: string): Promise<void> {
  const pid = readPid(pidFile)
  if (!pid || !runsIn(dirname(pidFile), pid, program)) return
  const identity = identityOf(pid)
  const isGone = async (withinMs: number) => {
    for (const until = Date.now() + withinMs; Date.now() < until; await pause(50))
      if (!isRunning(identity)) return true
    return false
  }
  // Usually its guard is stopping it at this very moment.
  if (await isGone(ENDS_BY_ITSELF_MS)) return
  signal(pid, 'SIGTERM')
  if (!(await isGone(STOPS_MS))) signal(pid, 'SIGKILL')
  await isGone(ENDS_BY_ITSELF_MS)
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim())
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

// Both servers make their data folder the working directory: that tells ours from any other with a reused pid.
function runsIn(dir: string, pid: number, program: string): boolean {
  try {
    const isProgram = readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith(program)
    return isProgram && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dir)
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {} // it ended in this moment
}
