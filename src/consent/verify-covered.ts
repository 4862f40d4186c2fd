// The events that checkpoints cover, recomputed chunk by chunk.
import type { DataSource, EntityManager } from 'typeorm'
import { select } from '../transaction'
import { type CheckpointBody, mergeLeaves } from './checkpoint'
import { type Chunk, readChunks } from './chunk'
import type { Findings } from './findings'
import { digestOf, type Leaf } from './leaf'

const ROWS_AT_ONCE = 20_000
/** Natural gaps in ids are short; of a longer stretch nothing more is told than its ends. */
const MAX_TOLD = 20

/** A checkpoint that counts, and where it is. */
export interface Known {
  body: CheckpointBody
  hash: string
  chunks: Buffer
  isInDatabase: boolean
}

interface Expected extends Chunk {
  checkpoint: number
  after: number
}

/** Goes through all events up to the last checkpoint's once, holding one chunk at a time. */
export async function verifyCovered(
  db: DataSource,
  known: readonly Known[],
  findings: Findings,
  onProgress: (events: number) => void,
): Promise<void> {
  const leaves = leavesOf(db, known.at(-1)?.body.upTo ?? 0)
  let next = await leaves.next()
  let seen = 0
  for (const expected of expectedChunks(known)) {
    const found: Leaf[] = []
    while (!next.done && next.value.id <= expected.lastId) {
      found.push(next.value)
      next = await leaves.next()
    }
    const what = problemOf(expected, found)
    if (what) findings.add({ checkpoint: expected.checkpoint, what })
    seen += found.length
    onProgress(seen)
  }
}

function* expectedChunks(known: readonly Known[]): Generator<Expected> {
  let after = 0
  for (const { body, chunks } of known) {
    for (const chunk of readChunks(chunks)) {
      yield { ...chunk, checkpoint: body.number, after }
      after = chunk.lastId
    }
    // Ids after its last event, up to which there was none.
    if (after < body.upTo)
      yield { lastId: body.upTo, events: 0, digest: digestOf([]), checkpoint: body.number, after }
    after = body.upTo
  }
}

function problemOf({ events, digest, after, lastId }: Expected, found: readonly Leaf[]): string | undefined {
  if (found.length === events && digestOf(found).equals(digest)) return undefined
  const where = `of the events with ids ${after + 1} to ${lastId}`
  if (found.length > events) return `covers ${events} ${where}, and there are ${found.length}`
  if (found.length === events) return `covers ${events} ${where}, and one of them is another now`
  const missing = events - found.length
  return `covers ${events} ${where}, and ${missing} ${missing === 1 ? 'is' : 'are'} missing (${missingIds(after, lastId, found)})`
}

/** Those that are not there; some may never have been, when a transaction that took an id was rolled back. */
function missingIds(after: number, lastId: number, found: readonly Leaf[]): string {
  const gaps: string[] = []
  let before = after
  for (const id of [...found.map(leaf => leaf.id), lastId + 1]) {
    const [from, to] = [before + 1, id - 1]
    if (from <= to) gaps.push(from === to ? `${from}` : `${from}–${to}`)
    before = id
  }
  return `no event has id ${gaps.slice(0, MAX_TOLD).join(', ')}${gaps.length > MAX_TOLD ? ', …' : ''}`
}

async function* leavesOf(db: DataSource, upTo: number): AsyncGenerator<Leaf> {
  for (let after = 0; after < upTo; ) {
    const from = after
    const page = await db.transaction('REPEATABLE READ', tx => readLeaves(tx, from, upTo))
    yield* page
    after = page.length < ROWS_AT_ONCE ? upTo : (page.at(-1)?.id ?? upTo)
  }
}

/** At one moment: an event is there or its tombstone is. */
async function readLeaves(tx: EntityManager, after: number, upTo: number): Promise<Leaf[]> {
  const events = await select<Leaf>(
    tx,
    `SELECT id, principal, position, hash FROM consent_event WHERE id > ? AND id <= ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
    [after, upTo],
  )
  const deleted = await select<Leaf>(
    tx,
    `SELECT event_id AS id, principal, position, hash FROM tombstone_event WHERE event_id > ? AND event_id <= ?
     ORDER BY event_id LIMIT ${ROWS_AT_ONCE}`,
    [after, upTo],
  )
  return mergeLeaves(events, deleted).slice(0, ROWS_AT_ONCE)
}
