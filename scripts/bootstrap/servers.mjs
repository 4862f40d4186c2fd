// MariaDB and Redis: found, or installed where that is possible and harmless, or named with the exact command.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installQuietly } from './apt.mjs'

// Debian keeps servers in sbin, which an ordinary user's PATH leaves out.
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/usr/libexec', '/opt/homebrew/bin', '/usr/local/bin']
const PARTS = [
  {
    name: 'MariaDB',
    replacedBy: 'DATABASE_URL',
    binaries: ['mariadbd', 'mariadb-install-db'],
    package: 'mariadb-server',
    service: 'mariadb',
  },
  {
    name: 'Redis',
    replacedBy: 'REDIS_URL',
    binaries: ['redis-server'],
    package: 'redis-server',
    service: 'redis-server',
  },
]

/** Makes sure that the servers which no environment variable replaces can be started. */
export function provideServers() {
  const missing = PARTS.filter(part => !isReplaced(part) && !isThere(part))
  if (missing.length === 0) return
  const names = missing.map(part => part.name).join(' and ')
  const reason = reasonNotToInstall(missing)
  if (reason) throw new Error(instructions(names, missing, reason))
  console.log(
    `${names} not found. Installing Debian's ${missing.map(part => part.package).join(' and ')} with apt-get; no system service will run. We Interrupt starts private processes of its own.`,
  )
  installQuietly(missing, asRoot)
  const still = missing.filter(part => !isThere(part))
  if (still.length > 0)
    throw new Error(instructions(names, still, 'apt-get ended well, but the programs are still not there'))
}

const isReplaced = ({ replacedBy }) => Boolean(process.env[replacedBy] || process.env[`${replacedBy}_FILE`])

const isThere = part => part.binaries.every(find)

function find(binary) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO]
  return folders.some(folder => {
    try {
      accessSync(join(folder, binary), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function reasonNotToInstall(missing) {
  if (!isDebian() || !find('apt-get')) return 'this is not Debian or Ubuntu'
  const other = missing.some(part => part.name === 'MariaDB') && otherMysql()
  if (other) return `${other} is installed, and MariaDB's package could get in its way`
  if (process.getuid() !== 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0)
    return 'that needs root or sudo without a password'
  return undefined
}

function isDebian() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
  } catch {
    return false
  }
}

function otherMysql() {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = ['-W', '-f', '${Package} ${db:Status-Status}\n']
  const patterns = ['mysql-server*', 'mysql-community-server*', 'percona-*server*']
  const { stdout } = spawnSync('dpkg-query', [...format, ...patterns], { encoding: 'utf8' })
  const installed = (stdout ?? '').split('\n').find(line => line.endsWith(' installed'))
  return installed?.split(' ')[0] ?? (find('mysqld') && !find('mariadbd') ? 'another mysqld' : undefined)
}

function instructions(names, missing, reason) {
  const packages = missing.map(part => part.package).join(' ')
  const command = find('dnf')
    ? `sudo dnf install mariadb-server redis`
    : process.platform === 'darwin'
      ? 'brew install mariadb redis'
      : `sudo apt-get update && sudo apt-get install --no-install-recommends ${packages}`
  const variables = missing.map(part => part.replacedBy).join(' and ')
  return `${names} not found, and not installed by itself: ${reason}.

Either install the programs (no service of theirs needs to run):
  ${command}
or run everything in containers:
  docker compose up
or use servers you have: set ${variables}.`
}

function asRoot(command, args, options = {}) {
  const [program, ...rest] = process.getuid() === 0 ? [command, ...args] : ['sudo', '-n', command, ...args]
  return spawnSync(program, rest, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
}
