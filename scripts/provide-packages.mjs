// Programs of Debian that one command needs: installed where that may be done, otherwise named.
import { spawnSync } from 'node:child_process'

/**
 * Makes sure that every tool answers to its check. As root it installs the packages of those that do not, after saying
 * so and removing nothing; otherwise, or when that fails, it throws an Error that names the command to run by hand.
 */
export function providePackages(who, tools) {
  const missing = missingPackages(tools)
  if (missing.length === 0) return
  const install = ['install', '-y', '--no-install-recommends', '--no-remove', ...missing]
  const byHand = `${who} needs Debian's ${missing.join(', ')}. Install by hand, then run it again:
  sudo apt-get update && sudo apt-get install --no-install-recommends --no-remove ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !works('apt-get', ['--version'])) throw new Error(byHand)
  console.log(`Not found: ${missing.join(', ')}. Installing with apt-get ${install.join(' ')}.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], install]) {
    const { status, stdout, stderr } = spawnSync(
      'apt-get',
      ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args],
      { env, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed:\n${stdout}${stderr}\n${byHand}`)
  }
  if (missingPackages(tools).length > 0)
    throw new Error(`apt-get ended well, but programs are missing.\n${byHand}`)
}

const missingPackages = tools => [
  ...new Set(tools.filter(({ command, check }) => !works(command, [check])).flatMap(tool => tool.packages)),
]

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
