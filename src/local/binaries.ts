import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LocalProblem } from './problem'

// Debian keeps servers in sbin, which an ordinary user's PATH leaves out.
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/usr/libexec', '/opt/homebrew/bin', '/usr/local/bin']

/** The full path of a server's program; says how to get it when it is missing. */
export function findBinary(name: string): string {
  const found = lookFor(name)
  if (found) return found
  throw new LocalProblem(
    `${name} is not installed. \`node scripts/bootstrap.mjs\` installs it or names the command that does; \`docker compose up\` needs neither MariaDB nor Redis here.`,
  )
}

/** The full path of a program, if there is one. */
export function lookFor(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO]
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
