import { readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same number (start time only where /proc exists). */
export interface ProcessIdentity {
  pid: number
  startedAt?: string
}

/** The identity of a living process. */
export const identityOf = (pid: number): ProcessIdentity => ({ pid, startedAt: startTime(pid) })

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!signalReaches(identity.pid)) return false
  const startedAt = startTime(identity.pid)
  return !identity.startedAt || !startedAt || identity.startedAt === startedAt
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22; the name in field 2 may hold spaces and brackets, so count from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'zombie' : fields[19]
  } catch {
    return undefined
  }
}
