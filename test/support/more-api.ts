// Another API process of the same product, with part of its environment changed.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from '../../src/api/server'
import { loadConfig } from '../../src/config'
import { connect } from '../../src/connections'
import { createLog } from '../../src/log'
import { logTarget } from './leaks'
import type { Product } from './product'

export interface MoreApi {
  url: string
  keyring: Product['connections']['keyring']
  /** Its own connections; nobody else asks on them. */
  db: Product['connections']['db']
  stop(): Promise<void>
}

export async function startMoreApi(
  product: Product,
  env: NodeJS.ProcessEnv,
  patience?: Parameters<typeof createServer>[1],
): Promise<MoreApi> {
  const config = loadConfig({ ...product.env, ...env }, undefined)
  const log = createLog(config.logLevel, 'test', logTarget())
  const connections = await connect(config, log)
  const api = await createServer({ ...connections, config, log }, patience)
  api.http.listen(0, config.host)
  await once(api.http, 'listening')
  return {
    url: `http://127.0.0.1:${(api.http.address() as AddressInfo).port}`,
    keyring: connections.keyring,
    db: connections.db,
    async stop() {
      await api.stop()
      await connections.close()
    },
  }
}
