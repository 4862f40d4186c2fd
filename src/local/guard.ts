// A tiny process between us and one server. It lives in its own session, so a terminal's Ctrl-C passes it by, and
// it holds the read end of a pipe: when that closes (we ended, or were killed) it stops the server and goes too.
import { spawn, spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'

const KILL_AFTER_MS = 10_000
const [logFile = '', command = '', ...args] = process.argv.slice(2)

const log = openSync(logFile, 'w', 0o600)
// Should this guard itself be killed, the kernel stops the server: where setpriv is at hand (any Debian).
const tied = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0
const child = tied
  ? spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], { stdio: ['ignore', log, log] })
  : spawn(command, args, { stdio: ['ignore', log, log] })

let stopping = false
function stop(): void {
  if (stopping) return
  stopping = true
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
}

child.once('error', () => process.exit(127))
child.once('exit', code => process.exit(code ?? 1))
process.stdin.once('close', stop)
process.stdin.resume()
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('SIGHUP', () => {})
