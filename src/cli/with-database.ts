// What a command needs, opened before its work and closed after it, however that ends.
import type { DataSource } from 'typeorm'
import { type Config, loadConfig } from '../config'
import { createDataSource } from '../database/data-source'

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
