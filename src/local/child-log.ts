import { readLog } from './problem'

/** The end of a process's log as a person reads it: JSON lines as their message, anything else as it is. */
export function lastMessages(logFile: string, count = 12): string {
  const lines = readLog(logFile)
    .split('\n')
    .filter(line => line.trim())
  const shown = lines.slice(-count).map(line => `  ${readable(line)}`)
  return shown.length > 0 ? `\n${shown.join('\n')}\n(whole log: ${logFile})` : ''
}

function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } }
    return [msg, err?.message].filter(Boolean).join(': ') || line
  } catch {
    return line
  }
}
