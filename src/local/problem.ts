import { readFileSync } from 'node:fs'

/** Something a person can act on; its message is shown as it is, without a stack. */
export class LocalProblem extends Error {}

const TELLING = /\bERROR\b|errno|error:|no space|denied|cannot|can't|fatal/i
// mariadbd says these on every start; none of them ever explains why one failed.
const NOISE = /\[Note\]|^\s*$|max_open_files|proxies_priv|^Version: |help' if you have problems|bug report/i

/** The lines of a server's log that say what is wrong, or else its last ones, to stand below a message. */
export function lastLines(logFile: string, count = 8): string {
  const lines = readLog(logFile)
    .split('\n')
    .filter(line => !NOISE.test(line))
  const telling = lines.filter(line => TELLING.test(line))
  const shown = (telling.length > 0 ? telling : lines).slice(-count).map(line => `  ${line}`)
  const full = telling.some(line => /\berror:? 28\b|errno:? 28\b|no space left/i.test(line))
  return shown.length > 0
    ? `${full ? ' the disk is full.' : ''}\n${shown.join('\n')}\n(whole log: ${logFile})`
    : ` see ${logFile}.`
}

/** The whole log, or nothing when it was never written. */
export function readLog(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8')
  } catch {
    return ''
  }
}
