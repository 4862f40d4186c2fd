// As with-database.ts, with Redis: a file of its own, so that other commands need not load its driver.
import { loadConfig } from '../config'
import { type Connections, connect } from '../connections'
import { createLog } from '../log'

/** For commands that also wake the worker. */
export async function withConnections<T>(work: (connections: Connections) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env)
  const connections = await connect(config, createLog(config.logLevel, 'cli'))
  try {
    return await work(connections)
  } finally {
    await connections.close()
  }
}
