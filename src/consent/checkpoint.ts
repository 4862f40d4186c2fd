// Checkpoints: once a day the events since the one before are digested and signed, so that from then on no change of
// them, and no deletion, however thorough, stays unseen.
//
// A checkpoint covers the events with ids after that of the one before and up to its own; as each event's hash covers its
// reader's chain before it, together they fix every chain's head. Ids become visible out of order, since a transaction
// that took an earlier one may commit later. So the newest id is read first, and after a moment, in which ids that were
// taken become rows, these are read with a lock, which waits for each row that is not committed yet.
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { z } from 'zod'
import { LedgerCheckpoint } from '../entities/ledger-checkpoint'
import { canonicalJson } from '../secrets/canonical-json'
import type { LedgerSigner } from '../secrets/ledger-signer'
import { databaseTime, isDuplicate, select, transaction } from '../transaction'
import { CHUNK_EVENTS, type Chunk, chunkOf, joinChunks } from './chunk'
import { type Leaf, sha256 } from './leaf'

const KIND = 'weinterrupt-checkpoint/1'
const SETTLE_MS = 2000
const ROWS_AT_ONCE = 8 * CHUNK_EVENTS

const hex = z.string().regex(/^[0-9a-f]{64}$/)
const checkpointBody = z.object({
  kind: z.literal(KIND),
  number: z.int().min(1),
  /** In which life of the database (consent/epoch). */
  epoch: z.string(),
  /** It covers the events with ids after this one … */
  after: z.int(),
  /** … up to this one, deleted ones too. */
  upTo: z.int(),
  events: z.int(),
  /** SHA-256 of its chunks. */
  digest: hex,
  /** SHA-256 of the body of the one before; zeros in the first. */
  previous: hex,
  at: z.iso.datetime(),
})
export type CheckpointBody = z.infer<typeof checkpointBody>

/** As it is signed and kept. */
export interface SealedCheckpoint {
  body: string
  signature: Buffer
  chunks: Buffer
}

/** Undefined: the text is no body of a checkpoint. */
export function readBody({ body }: Pick<SealedCheckpoint, 'body'>): CheckpointBody | undefined {
  try {
    return checkpointBody.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

export const hashOfBody = (body: string): string => sha256(body).toString('hex')

export const latestCheckpoint = (db: EntityManager): Promise<SealedCheckpoint | null> =>
  db.findOne(LedgerCheckpoint, { where: {}, order: { number: 'DESC' } })

/**
 * Makes the next one over everything committed by now. Takes a few seconds, and as long again for some hundred thousand
 * events. Undefined when another process has made it meanwhile. Throws when `stopping` is aborted.
 */
export async function makeCheckpoint(
  db: DataSource,
  signer: LedgerSigner,
  epoch: string,
  stopping?: AbortSignal,
): Promise<CheckpointBody | undefined> {
  const last = await latestCheckpoint(db.manager)
  const before = last && readBody(last)
  if (last && !before)
    throw new Error('The latest checkpoint cannot be read: run `weinterrupt ledger verify`')
  const after = before?.upTo ?? 0
  const upTo = Math.max(after, await newestEventId(db.manager))
  await sleep(SETTLE_MS, undefined, { signal: stopping })
  const chunks = await digestEvents(db, after, upTo, stopping)
  const sealed = joinChunks(chunks)
  const body: CheckpointBody = {
    kind: KIND,
    number: (before?.number ?? 0) + 1,
    epoch,
    after,
    upTo,
    events: chunks.reduce((sum, chunk) => sum + chunk.events, 0),
    digest: sha256(sealed).toString('hex'),
    previous: last ? hashOfBody(last.body) : '0'.repeat(64),
    at: (await databaseTime(db.manager)).toISOString(),
  }
  const text = canonicalJson(body)
  const row = { number: body.number, body: text, signature: signer.sign(text), chunks: sealed }
  try {
    await db.manager.insert(LedgerCheckpoint, row)
    return body
  } catch (error) {
    if (isDuplicate(error)) return undefined
    throw error
  }
}

async function newestEventId(db: EntityManager): Promise<number> {
  const [row] = await select<{ id: number | string | null }>(db, 'SELECT MAX(id) AS id FROM consent_event')
  return Number(row?.id ?? 0)
}

async function digestEvents(
  db: DataSource,
  after: number,
  upTo: number,
  stopping: AbortSignal | undefined,
): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for (let from = after; from < upTo; ) {
    stopping?.throwIfAborted()
    const leaves = await transaction(db, tx => committedLeaves(tx, from, upTo))
    for (let start = 0; start < leaves.length; start += CHUNK_EVENTS)
      chunks.push(chunkOf(leaves.slice(start, start + CHUNK_EVENTS)))
    from = leaves.length < ROWS_AT_ONCE ? upTo : (leaves.at(-1)?.id ?? upTo)
  }
  return chunks
}

/** Events first: one that is deleted meanwhile has its tombstone committed by the time those are read. */
async function committedLeaves(tx: EntityManager, after: number, upTo: number): Promise<Leaf[]> {
  const events = await select<Leaf>(
    tx,
    `SELECT id, principal, position, hash FROM consent_event WHERE id > ? AND id <= ?
     ORDER BY id LIMIT ${ROWS_AT_ONCE} LOCK IN SHARE MODE`,
    [after, upTo],
  )
  const deleted = await select<Leaf>(
    tx,
    `SELECT event_id AS id, principal, position, hash FROM tombstone_event WHERE event_id > ? AND event_id <= ?
     ORDER BY event_id LIMIT ${ROWS_AT_ONCE} LOCK IN SHARE MODE`,
    [after, upTo],
  )
  return mergeLeaves(events, deleted).slice(0, ROWS_AT_ONCE)
}

/** In the order of ids; one that is in both is taken once. */
export function mergeLeaves(events: readonly Leaf[], deleted: readonly Leaf[]): Leaf[] {
  if (deleted.length === 0) return [...events]
  const all = new Map([...deleted, ...events].map(leaf => [leaf.id, leaf]))
  return [...all.values()].sort((one, other) => one.id - other.id)
}
