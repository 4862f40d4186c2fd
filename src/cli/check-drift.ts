// The drift gate: a database made by the migrations must be the one the entities describe. Run by `npm run check`.
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { createDataSource } from '../database/data-source'
import { migrate } from '../database/migrate'
import { startDatabases } from '../local/databases'

/** The statements that would still be needed; empty when schema and entities agree. */
async function drift(url: string, runtimeUrl: string): Promise<string[]> {
  await migrate(url, runtimeUrl)
  const db = await createDataSource(url, { connections: 2 }).initialize()
  try {
    const log = await db.driver.createSchemaBuilder().log()
    return log.upQueries.map(({ query }) => query)
  } finally {
    await db.destroy()
  }
}

async function check(): Promise<number> {
  const dir = resolve('.local', `check-${process.pid}`)
  const databases = await startDatabases({ dir, durable: false })
  try {
    const missing = await drift(databases.databaseMigrationUrl, databases.databaseUrl)
    for (const query of missing) console.error(query)
    console.log(
      missing.length === 0 ? 'The migrations and the entities agree.' : 'The migrations lack the above.',
    )
    return missing.length === 0 ? 0 : 1
  } finally {
    await databases.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

check().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
