import { setTimeout as pause } from 'node:timers/promises'
import { audit, operator } from '../consent/audit'
import { siteOf } from '../consent/first-start'
import { startSite } from '../consent/site-switch'
import { transaction } from '../transaction'
import { givenReason, type SwitchOptions } from './switch-reason'
import { withConnections } from './with-connections'

const WAKE_MS = 3_000

/** Lets sending go on where it was, and wakes the worker for what waits. */
export async function startCommand(options: SwitchOptions): Promise<void> {
  const reason = givenReason(options)
  const { wasStopped, woken } = await withConnections(async ({ db, enqueue }) => {
    const before = await siteOf(db.manager)
    const open = await transaction(db, async tx => {
      await audit(tx, operator, 'site.start', null, reason)
      return startSite(tx)
    })
    // With Redis away the call waits; the sweep finds the newsletters as well (I7).
    await Promise.race([Promise.all(open.map(id => enqueue.deliver(id))), pause(WAKE_MS)])
    return { wasStopped: before.stoppedAt !== null, woken: open.length }
  })
  if (options.json) return console.log(JSON.stringify({ wasStopped, reason, newslettersGoingOn: woken }))
  console.log(wasStopped ? `Started again: ${reason}` : 'The site was not stopped.')
  if (woken > 0) console.log(`${woken} newsletter${woken === 1 ? ' goes' : 's go'} on.`)
}
