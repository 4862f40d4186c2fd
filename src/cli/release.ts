import { type ReadJournal, readDenyJournal } from '../consent/deny-journal'
import { siteOf } from '../consent/first-start'
import { release, replayDenials } from '../consent/release'
import { createLog } from '../log'
import { beginErasureOf } from '../privacy/begin-erasure'
import { createKeyring } from '../secrets/keyring'
import { Problem } from './problem'
import { givenReason, type SwitchOptions } from './switch-reason'
import { withDatabase } from './with-database'

export interface ReleaseOptions extends SwitchOptions {
  withoutJournal?: boolean
}

/** Lets a restored site send again, after what readers took back since the backup is taken back again. */
export async function releaseCommand(options: ReleaseOptions): Promise<void> {
  const reason = givenReason(options)
  const { replayed, heldReason } = await withDatabase(async (db, config) => {
    const site = await siteOf(db.manager)
    if (!site.heldAt) throw new Problem('The site is not held: there is nothing to release.')
    const read = await readDenyJournal(config.stateDir)
    if (!options.withoutJournal) mustBeWhole(read, config.stateDir)
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    const done = await replayDenials(db, read.denials, (tx, hash) =>
      beginErasureOf(tx, keyring, hash, { origin: 'RESTORE', isChild: false }),
    )
    await release(db, config.stateDir, reason)
    const withoutJournal = options.withoutJournal === true
    createLog(config.logLevel, 'cli').warn({ reason, withoutJournal, ...done }, 'restore released')
    return { replayed: done, heldReason: site.heldReason }
  })
  if (options.json) return console.log(JSON.stringify({ reason, heldReason, ...replayed }))
  const { withdrawals, suppressions, known } = replayed
  console.log(`Released: ${reason}`)
  console.log(
    `Replayed ${withdrawals} withdrawals and ${suppressions} suppressions; ${known} were known or overruled by a later yes.`,
  )
  console.log('Newsletters that were going out are PAUSED, RESTORED: resume or cancel each one.')
}

/** Says what is wrong before anything is changed. */
function mustBeWhole({ isMissing, damagedLines }: ReadJournal, stateDir: string): void {
  const without =
    'With `--without-journal` it goes on with what can be read, and people who left may get mail again.'
  if (isMissing)
    throw new Problem(
      `There is no deny journal (deny.jsonl) in ${stateDir}. Bring it from the host that sent. ${without}`,
    )
  if (damagedLines.length > 0)
    throw new Problem(
      `The deny journal in ${stateDir} is damaged: line ${damagedLines.slice(0, 5).join(', ')} cannot be read. ${without}`,
    )
}
