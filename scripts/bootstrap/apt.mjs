import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

// Debian asks this file before a package starts its service; 101 means no.
const POLICY = '/usr/sbin/policy-rc.d'
const MARK = '# Written by the bootstrap of We Interrupt while it installs packages; may be deleted.'
const APT = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']

/** Installs the parts' packages so that no service runs or is enabled which was not there before. */
export function installQuietly(parts, asRoot) {
  const added = parts.filter(part => !isInstalled(part.package))
  // With a listener the signal ends apt-get but not us, so that the policy is always taken away again.
  const wait = () => {}
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, wait)
  const forbidden = forbidStarts(asRoot)
  try {
    run(asRoot, ['update'])
    run(asRoot, [
      'install',
      '-y',
      '--no-remove',
      '--no-install-recommends',
      ...parts.map(part => part.package),
    ])
  } finally {
    for (const part of added.filter(one => isInstalled(one.package))) disable(part.service, asRoot)
    if (forbidden) asRoot('rm', ['-f', POLICY])
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, wait)
  }
}

function run(asRoot, args) {
  // The list of what is unpacked interests nobody unless it fails.
  const { status, stdout, stderr } = asRoot('env', [...APT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64e6,
  })
  if (status === 0) return
  const end = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`apt-get ${args.join(' ')} failed:\n${end}`)
}

// Somebody's own policy stays as it is; ours may have been left by a run that was killed.
function forbidStarts(asRoot) {
  const isOurs = existsSync(POLICY) && readFileSync(POLICY, 'utf8').includes(MARK)
  if (existsSync(POLICY) && !isOurs) return false
  const input = `#!/bin/sh\n${MARK}\nexit 101\n`
  asRoot('tee', [POLICY], { stdio: ['pipe', 'ignore', 'inherit'], input })
  asRoot('chmod', ['755', POLICY])
  return true
}

function disable(service, asRoot) {
  const hidden = { stdio: 'ignore' }
  // Running only where a policy of somebody's own allowed it; enabled by the package in any case.
  if (existsSync('/run/systemd/system')) asRoot('systemctl', ['disable', '--now', service], hidden)
  else if (asRoot('systemctl', ['disable', service], hidden).status !== 0)
    asRoot('update-rc.d', [service, 'disable'], hidden)
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const format = '${db:Status-Status}'
  return spawnSync('dpkg-query', ['-W', '-f', format, name], { encoding: 'utf8' }).stdout === 'installed'
}
