// The API process: config → migrate → connect → create server → listen → stop on SIGTERM.
import { once } from 'node:events'
import { loadConfig } from '../config'
import { connect } from '../connections'
import { adoptFirstEpoch } from '../consent/epoch'
import { firstStart } from '../consent/first-start'
import { migrate } from '../database/migrate'
import { createLog } from '../log'
import { runProcess } from '../process'
import { transaction } from '../transaction'
import { createServer } from './server'

runProcess(async () => {
  const config = loadConfig(process.env)
  const log = createLog(config.logLevel, 'api')
  await migrate(config.databaseMigrationUrl, config.databaseUrl)
  const connections = await connect(config, log)
  await transaction(connections.db, tx => firstStart(tx, { ...config, contact: config.siteContact }))
  await adoptFirstEpoch(connections.db.manager, config.stateDir)
  const server = await createServer({ ...connections, config, log })
  server.http.listen(config.port, config.host)
  await once(server.http, 'listening')
  log.info({ port: config.port }, 'API listening')
  return {
    log,
    graceMs: config.shutdownGraceMs,
    async stop() {
      await server.stop()
      await connections.close()
    },
  }
})
