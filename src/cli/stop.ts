import { audit, operator } from '../consent/audit'
import { siteOf } from '../consent/first-start'
import { stopSite } from '../consent/site-switch'
import { transaction } from '../transaction'
import { givenReason, type SwitchOptions } from './switch-reason'
import { withDatabase } from './with-database'

/** The red button: when this has answered, no message passes its gate any more, but those that it names. */
export async function stopCommand(options: SwitchOptions): Promise<void> {
  const reason = givenReason(options)
  const { site, wasStopped, alreadyPassed } = await withDatabase(async db => {
    const before = await siteOf(db.manager)
    const stopped = await transaction(db, async tx => {
      await audit(tx, operator, 'site.stop', null, reason)
      return stopSite(tx, reason)
    })
    return { ...stopped, wasStopped: before.stoppedAt !== null, site: await siteOf(db.manager) }
  })
  if (options.json) {
    console.log(JSON.stringify({ stoppedAt: site.stoppedAt, reason: site.stopReason, alreadyPassed }))
    return
  }
  console.log(
    wasStopped
      ? `Already stopped since ${site.stoppedAt?.toISOString()}: ${site.stopReason}`
      : `Stopped at ${site.stoppedAt?.toISOString()}. Nothing more leaves until \`weinterrupt start\`.`,
  )
  if (alreadyPassed.length === 0) return console.log('No message was past its gate.')
  console.log(`${alreadyPassed.length} had passed their gate before and may still arrive:`)
  for (const id of alreadyPassed) console.log(`  ${id}`)
}
