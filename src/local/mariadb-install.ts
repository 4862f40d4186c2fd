// A data folder is built next to its place and renamed when complete: what bears the name `maria` is whole.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { findBinary } from './binaries'
import { LocalProblem, lastLines } from './problem'

/** Passwords of the two accounts: `owner` migrates and grants, `runtime` may only what migrations grant it. */
export interface MariadbAccounts {
  owner: string
  runtime: string
}

export const OWNER = 'weinterrupt_owner'
export const RUNTIME = 'weinterrupt'
const ACCOUNTS_FILE = 'weinterrupt-accounts.json'

/** Makes `dir`/maria when it is missing or was never finished, and answers its accounts. */
export async function installMariadb(dir: string): Promise<MariadbAccounts> {
  const place = join(dir, 'maria')
  const known = readAccounts(place)
  if (known) return known
  // No accounts file: not one of ours, or damaged. Never delete what may hold data.
  if (existsSync(place)) renameSync(place, `${place}.unfinished-${Date.now()}`)
  const draft = `${place}.new`
  rmSync(draft, { recursive: true, force: true })
  const accounts = { owner: password(), runtime: password() }
  await run(dir, findBinary('mariadb-install-db'), [...asRoot(), ...installArguments(draft)], '')
  await run(dir, findBinary('mariadbd'), [...asRoot(), '--bootstrap', `--datadir=${draft}`], setup(accounts))
  writeFileSync(join(draft, ACCOUNTS_FILE), JSON.stringify(accounts), { mode: 0o600 })
  renameSync(draft, place)
  return accounts
}

/** `--no-defaults` must come first; mariadbd refuses to run as root unless told to. */
export const asRoot = (): string[] => ['--no-defaults', ...(process.getuid?.() === 0 ? ['--user=root'] : [])]

// The server's own root account answers only this system user, over the socket inside the private folder.
const installArguments = (datadir: string) => [
  `--datadir=${datadir}`,
  '--auth-root-authentication-method=socket',
  `--auth-root-socket-user=${userInfo().username}`,
  '--skip-test-db',
]

const password = () => randomBytes(24).toString('base64url')

// One statement per line: that is how --bootstrap reads. It starts without grant tables, hence FLUSH first.
// `weinterrupt\_%` are the databases tests make for themselves.
const setup = (accounts: MariadbAccounts) => `FLUSH PRIVILEGES;
CREATE DATABASE weinterrupt CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER '${OWNER}'@'127.0.0.1' IDENTIFIED BY '${accounts.owner}';
GRANT ALL PRIVILEGES ON \`weinterrupt\`.* TO '${OWNER}'@'127.0.0.1' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON \`weinterrupt\\_%\`.* TO '${OWNER}'@'127.0.0.1' WITH GRANT OPTION;
CREATE USER '${RUNTIME}'@'127.0.0.1' IDENTIFIED BY '${accounts.runtime}';
`

function readAccounts(place: string): MariadbAccounts | undefined {
  try {
    return JSON.parse(readFileSync(join(place, ACCOUNTS_FILE), 'utf8')) as MariadbAccounts
  } catch {
    return undefined
  }
}

async function run(dir: string, command: string, args: string[], input: string): Promise<void> {
  const logFile = join(dir, 'mariadb-install.log')
  const log = openSync(logFile, 'w', 0o600)
  // A server that starts deletes the temporary tables it finds: each has a place of its own for them.
  const env = { ...process.env, TMPDIR: resolve(dir) }
  const child = spawn(command, args, { stdio: ['pipe', log, log], env })
  closeSync(log)
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const code = await new Promise(resolve => {
    child.once('exit', resolve)
    child.once('error', () => resolve(undefined))
  })
  if (code !== 0) throw new LocalProblem(`MariaDB's data folder could not be made:${lastLines(logFile)}`)
}
