// Debian's smtp-source and smtp-sink are the yardstick; they come with postfix.
import { spawnSync } from 'node:child_process'
import { lookFor } from '../../src/local/binaries'
import { say } from './processes'

// Plain Node without types, as it also runs before any package is there.
const APT = '../../scripts/bootstrap/apt.mjs'
type Run = (command: string, args: readonly string[], options?: object) => unknown

const isThere = (): boolean => Boolean(lookFor('smtp-source') && lookFor('smtp-sink'))

/** Installs the package where it may; throws an Error naming it where it may not. No service is started. */
export async function provideTools(): Promise<void> {
  if (isThere()) return
  const missing = "smtp-source and smtp-sink are missing: they are in Debian's package postfix"
  const apt = lookFor('apt-get')
  if (!apt || process.getuid?.() !== 0)
    throw new Error(`${missing}. As root: apt-get install -y --no-install-recommends --no-remove postfix`)
  say(`${missing}. Installing it with apt-get; its service will not run.`)
  const { installQuietly }: { installQuietly(parts: readonly object[], asRoot: Run): void } = await import(
    APT
  )
  installQuietly([{ package: 'postfix', service: 'postfix' }], (command, args, options = {}) =>
    spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options }),
  )
  if (!isThere()) throw new Error(`${missing}, and apt-get did not bring them`)
}
