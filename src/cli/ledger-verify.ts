import type { Break } from '../consent/findings'
import { type LedgerReport, verifyLedger } from '../consent/verify-ledger'
import { createKeyring } from '../secrets/keyring'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { withDatabase } from './with-database'

/** Checks the whole consent ledger; ends with 1 when it is not what it must be, and says where. */
export async function ledgerVerifyCommand(options: { json?: boolean }): Promise<void> {
  const started = performance.now()
  const report = await withDatabase((db, { secretKeys, addressKey, stateDir }) => {
    const { publicKey } = createLedgerSigner(createKeyring(secretKeys, addressKey))
    return verifyLedger(db, stateDir, publicKey, showProgress)
  })
  const seconds = (performance.now() - started) / 1000
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (report.breakCount > 0) process.exitCode = 1
  if (options.json) console.log(JSON.stringify({ ok: report.breakCount === 0, ...report, seconds }))
  else print(report, seconds)
}

const showProgress = (pass: string, events: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${pass}: ${events.toLocaleString('en')} events`)
}

function print(report: LedgerReport, seconds: number): void {
  const { events, readers, tombstones, checkpoints, last, uncovered, notes, breaks, breakCount } = report
  const count = (number: number) => number.toLocaleString('en')
  console.log(`${count(events)} events of ${count(readers)} readers in ${seconds.toFixed(1)} s.`)
  if (tombstones > 0) console.log(`${count(tombstones)} readers' events were deleted by law.`)
  console.log(
    last
      ? `${count(checkpoints)} checkpoints cover them up to event id ${last.upTo}, as of ${last.at}.`
      : 'There is no checkpoint yet.',
  )
  if (uncovered.events > 0)
    console.log(
      `${count(uncovered.events)} events since ${uncovered.since?.toISOString()} are not covered by a checkpoint yet.`,
    )
  for (const note of notes) console.log(note)
  if (breakCount === 0) return console.log('Every hash, chain, state, deletion and checkpoint is right.')
  console.log(`BROKEN in ${count(breakCount)} ${breakCount === 1 ? 'place' : 'places'}:`)
  for (const found of breaks) console.log(`- ${sentence(found)}`)
}

function sentence({ reader, position, checkpoint, what }: Break): string {
  if (checkpoint !== undefined) return `checkpoint ${checkpoint} ${what}`
  if (reader === undefined) return what
  return position === undefined ? `reader ${reader} ${what}` : `reader ${reader}, event ${position} ${what}`
}
