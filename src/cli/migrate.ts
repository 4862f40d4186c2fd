import { loadConfig } from '../config'
import { adoptFirstEpoch } from '../consent/epoch'
import { firstStart } from '../consent/first-start'
import { createDataSource } from '../database/data-source'
import { migrate } from '../database/migrate'
import { transaction } from '../transaction'

/** Runs the open migrations; on an empty database also writes the site, policy version 1 and its first purpose. */
export async function migrateCommand(): Promise<void> {
  const config = loadConfig(process.env)
  const ran = await migrate(config.databaseMigrationUrl, config.databaseUrl)
  const db = await createDataSource(config.databaseUrl, { connections: 1 }).initialize()
  try {
    const isNew = await transaction(db, tx => firstStart(tx, { ...config, contact: config.siteContact }))
    await adoptFirstEpoch(db.manager, config.stateDir)
    for (const name of ran) console.log(`Migrated: ${name}`)
    if (ran.length === 0) console.log('The database is up to date.')
    if (isNew) console.log(`New site: ${config.siteName}, with policy version 1.`)
  } finally {
    await db.destroy()
  }
}
