// Holds the events against the checkpoints, those in the database and those outside it.
import type { DataSource, EntityManager } from 'typeorm'
import { LedgerCheckpoint } from '../entities/ledger-checkpoint'
import { isSignedBy } from '../secrets/ledger-signer'
import { type CheckpointBody, hashOfBody, readBody, type SealedCheckpoint } from './checkpoint'
import { readCheckpointFile } from './checkpoint-file'
import { presentEpochs } from './epoch'
import type { Findings } from './findings'
import { sha256 } from './leaf'
import { type Known, verifyCovered } from './verify-covered'

export interface Coverage {
  checkpoints: number
  /** The id of the last event that is covered, and since when; undefined without any checkpoint. */
  last: { upTo: number; at: string } | undefined
  notes: string[]
}

/** Reads each covered event once, in the order of ids, as the checkpoints were made. */
export async function verifyCheckpoints(
  db: DataSource,
  stateDir: string,
  publicKey: Buffer,
  findings: Findings,
  onProgress: (events: number) => void,
): Promise<Coverage> {
  const notes: string[] = []
  const known = await knownCheckpoints(db.manager, stateDir, publicKey, findings, notes)
  mustFollow(known, findings)
  await verifyCovered(db, known, findings, onProgress)
  const last = known.at(-1)?.body
  return { checkpoints: known.length, last: last && { upTo: last.upTo, at: last.at }, notes }
}

/** In order. What only the STATE_DIR has counts too, unless its database was replaced by a backup since. */
async function knownCheckpoints(
  db: EntityManager,
  stateDir: string,
  publicKey: Buffer,
  findings: Findings,
  notes: string[],
): Promise<Known[]> {
  const stored = await db.find(LedgerCheckpoint, { order: { number: 'ASC' } })
  const { checkpoints: outside, damagedLines } = readCheckpointFile(stateDir)
  for (const line of damagedLines)
    findings.add({ what: `line ${line} of ledger.jsonl in STATE_DIR is damaged` })
  notes.push(...missingOutside(stored, outside))
  const epochs = await presentEpochs(db, stateDir)
  const counting = signed(stored, outside, publicKey, findings).filter(({ body, isInDatabase }) => {
    if (isInDatabase) return true
    if (epochs.has(body.epoch)) {
      findings.add({ checkpoint: body.number, what: 'is in STATE_DIR and not in the database' })
      return true
    }
    notes.push(`Checkpoint ${body.number} of ${body.at} went with the database that a backup replaced.`)
    return false
  })
  return counting.sort((one, other) => one.body.number - other.body.number)
}

/** Each once, however often it is kept. */
function signed(
  stored: readonly SealedCheckpoint[],
  outside: readonly SealedCheckpoint[],
  publicKey: Buffer,
  findings: Findings,
): Known[] {
  const known = new Map<string, Known>()
  const take = (sealed: SealedCheckpoint, isInDatabase: boolean): void => {
    const body = isSignedBy(publicKey, sealed.body, sealed.signature) ? readBody(sealed) : undefined
    const hash = hashOfBody(sealed.body)
    const where = isInDatabase ? 'the database' : 'STATE_DIR'
    if (!body) findings.add({ what: `a checkpoint in ${where} has no valid signature` })
    else if (!known.has(hash)) known.set(hash, { body, hash, chunks: sealed.chunks, isInDatabase })
  }
  for (const one of stored) take(one, true)
  for (const one of outside) take(one, false)
  return [...known.values()]
}

function missingOutside(stored: readonly SealedCheckpoint[], outside: readonly SealedCheckpoint[]): string[] {
  const bodies = new Set(outside.map(one => one.body))
  const missing = stored.filter(one => !bodies.has(one.body)).length
  return missing === 0
    ? []
    : [`${missing} checkpoints are only in the database: the worker copies them to its STATE_DIR.`]
}

/** From the first on each continues the one before. */
function mustFollow(known: readonly Known[], findings: Findings): void {
  let before: Pick<Known, 'hash'> & { body: Pick<CheckpointBody, 'number' | 'upTo'> } = {
    hash: '0'.repeat(64),
    body: { number: 0, upTo: 0 },
  }
  for (const one of known) {
    const { number, previous, after } = one.body
    if (number !== before.body.number + 1)
      findings.add({
        checkpoint: number,
        what: `comes after ${before.body.number}: what was between is missing`,
      })
    else if (previous !== before.hash || after !== before.body.upTo)
      findings.add({ checkpoint: number, what: 'does not continue the one before it' })
    if (sha256(one.chunks).toString('hex') !== one.body.digest)
      findings.add({ checkpoint: number, what: 'has other digests than were signed' })
    before = one
  }
}
