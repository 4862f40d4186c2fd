// The worker process: config → migrate → connect → start → stop on SIGTERM.
import { loadConfig } from '../config'
import { connect } from '../connections'
import { keepEpoch } from '../consent/epoch'
import { firstStart } from '../consent/first-start'
import { migrate } from '../database/migrate'
import { createLog } from '../log'
import { runProcess } from '../process'
import { transaction } from '../transaction'
import { startWorkers } from './workers'

runProcess(async () => {
  const config = loadConfig(process.env)
  const log = createLog(config.logLevel, 'worker')
  await migrate(config.databaseMigrationUrl, config.databaseUrl)
  // Nobody waits in person: what takes long because there is much of it may take as long as a claim lasts.
  const connections = await connect(config, log, Math.max(config.databaseWaitMs, config.leaseMs))
  await transaction(connections.db, tx => firstStart(tx, { ...config, contact: config.siteContact }))
  if ((await keepEpoch(connections.db, config.stateDir, { renew: true })) !== 'ours')
    log.error('the database was restored: nothing is sent until `weinterrupt release`')
  const stopWorkers = startWorkers(config, connections, log, () => process.exit(1))
  log.info('worker started')
  return {
    log,
    graceMs: config.shutdownGraceMs,
    async stop() {
      await stopWorkers()
      await connections.close()
    },
  }
})
