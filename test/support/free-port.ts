// A port for a server that is about to start, here or in a process of its own.
import { randomInt } from 'node:crypto'
import { isFree } from '../../src/local/ports'

/** Below the ports that Linux gives to outgoing connections: one of those could take it before the server does. */
const [LOWEST, HIGHEST] = [10_000, 32_767]

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST + 1)
    if (await isFree(port)) return port
  }
}
