import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const STAMP = 'node_modules/.weinterrupt-lock'

/** Runs `npm ci` when the packages are missing or the lock file has changed since they were installed. */
export function installPackages() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  if (!isInstalled()) {
    console.log('Installing the npm packages of package-lock.json; the first time this takes a minute.')
    npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  writeFileSync(STAMP, wanted)
}

// Someone may have run `npm ci` by hand: npm's own record says what lies there.
function isInstalled() {
  try {
    const here = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages
    const wanted = Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)
    return wanted.every(
      ([path, one]) => path === '' || one.optional || one.peer || here[path]?.version === one.version,
    )
  } catch {
    return false
  }
}

function npm(args) {
  // Inside `npm start` this is the very npm that runs us.
  const own = process.env.npm_execpath
  const [command, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []]
  const { status, error } = spawnSync(command, [...first, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error) throw new Error(`npm could not be started: ${error.message}`)
  if (status !== 0) throw new Error(`npm ${args[0]} failed (see above). Is the package registry reachable?`)
}
