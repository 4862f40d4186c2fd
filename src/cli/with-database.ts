// What a command needs, opened before its work and closed after it, however that ends.
import type { DataSource } from 'typeorm'
import { type Config, loadConfig } from '../config'
import { type Connections, connect } from '../connections'
import { createDataSource } from '../database/data-source'
import { createLog } from '../log'

/** For commands that need MariaDB alone: they work while Redis is away. */
export async function withDatabase<T>(work: (db: DataSource, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env)
  const db = await createDataSource(config.databaseUrl, { connections: 4 }).initialize()
  try {
    return await work(db, config)
  } finally {
    await db.destroy()
  }
}

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
