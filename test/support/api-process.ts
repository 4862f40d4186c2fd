// The API as a process of its own, so that what is measured at its door shares no event loop with who measures.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from './checker'
import { freePort } from './free-port'
import type { Product } from './product'

/** Starts it beside the product's own; answers where. */
export async function startApiProcess(product: Product): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const child = spawn(process.execPath, ['dist/api/main.js'], {
    env: { PATH: process.env.PATH, ...product.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const isUp = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(isUp, 'the API answers')
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
