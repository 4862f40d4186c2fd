// Copies what readers take back from the tables into the deny journal. Withdrawals themselves know nothing of it (I4).
//
// Ids become visible out of order, since a transaction that took an earlier one may commit later. So the mark, from which
// a next start reads again, follows ten minutes behind what was read: no transaction of ours lives that long. Between mark
// and newest everything is read again once a minute, and what this process wrote already is left out. An entry written
// twice does no harm: a replay takes the latest of each kind.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'
import { appendDenials, type Denial, prepareDenyJournal } from './deny-journal'
import { writeDurably } from './write-durably'

type Ids = Record<Source, number>

/** Up to which ids of which epoch everything is in the journal. */
interface Mark extends Ids {
  /** Names the journal of this STATE_DIR among those of other hosts. */
  journal: string
  epoch: string
}

const SETTLED_MS = 10 * 60_000
const REREAD_MS = 60_000
const IDS_AT_ONCE = 20_000

const sources = ['consentEvents', 'suppressions'] as const
type Source = (typeof sources)[number]

const newestId: Record<Source, string> = {
  consentEvents: `SELECT GREATEST((SELECT COALESCE(MAX(id), 0) FROM consent_event),
    (SELECT COALESCE(MAX(event_id), 0) FROM tombstone_event)) AS id`,
  suppressions: 'SELECT MAX(id) AS id FROM suppression',
}

const denialsBetween: Record<Source, string> = {
  // Events first: the optimizer would rather read every reader there is, each time.
  consentEvents: `SELECT e.id, e.at, 'withdrawal' AS kind, HEX(r.address_hash) AS address, p.\`key\` AS subject
    FROM consent_event e STRAIGHT_JOIN reader r ON r.public_id = e.principal STRAIGHT_JOIN purpose p ON p.id = e.purpose_id
    WHERE e.id > ? AND e.id <= ? AND e.to_state IN ('ConsentWithdrawn', 'ConsentRevoked', 'ConsentRefused')
      AND e.from_state IN ('ConsentGiven', 'RenewedConsentGiven') AND HEX(r.address_hash) <> '' ORDER BY e.id`,
  suppressions: `SELECT id, created_at AS at, 'suppression' AS kind, HEX(address_hash) AS address, reason AS subject
    FROM suppression WHERE id > ? AND id <= ? ORDER BY id`,
}

const fileOf = (stateDir: string): string => join(stateDir, 'deny-mark.json')

/** The journal's name, made on first use. Workers that share a STATE_DIR get the same one. */
export function denyJournalName(stateDir: string): string {
  const mark = readMark(stateDir) ?? { journal: randomUUID(), epoch: '', consentEvents: 0, suppressions: 0 }
  if (mark.epoch === '') writeMark(stateDir, mark)
  return mark.journal
}

export interface DenialCopier {
  /** Appends what is new in the database of this epoch; on the disk when it resolves. */
  copy(db: EntityManager, epoch: string): Promise<void>
}

/** For the one process that appends to this STATE_DIR's journal. */
export function createDenialCopier(stateDir: string): DenialCopier {
  prepareDenyJournal(stateDir)
  const mark = readMark(stateDir)
  if (!mark) throw new Error(`${fileOf(stateDir)} is missing`)
  const written: Record<Source, Set<number>> = { consentEvents: new Set(), suppressions: new Set() }
  const reached: { at: number; ids: Ids }[] = []
  let rereadAt = Number.NEGATIVE_INFINITY
  const copySource = async (db: EntityManager, source: Source, from: number): Promise<number> => {
    const [last] = await select<{ id: number | string | null }>(db, newestId[source])
    const newest = Number(last?.id ?? 0)
    // Events go only with a tombstone: with fewer than before this is not the database they were read from.
    const start = source === 'consentEvents' && newest < from ? 0 : from
    for (let id = start; id < newest; id += IDS_AT_ONCE) {
      const found = await denials(db, source, id, Math.min(id + IDS_AT_ONCE, newest))
      const fresh = found.filter(one => !written[source].has(one.id))
      appendDenials(stateDir, fresh)
      for (const one of fresh) written[source].add(one.id)
    }
    return newest
  }
  /** Moves the mark to what was reached ten minutes ago, and forgets what lies before it. */
  const settle = () => {
    const isSettled = ({ at }: { at: number }) => at < performance.now() - SETTLED_MS
    const settled = reached.filter(isSettled).at(-1)
    if (!settled) return
    reached.splice(0, reached.filter(isSettled).length)
    if (sources.every(source => mark[source] === settled.ids[source])) return
    Object.assign(mark, settled.ids)
    writeMark(stateDir, mark)
    for (const source of sources)
      for (const id of written[source]) if (id <= mark[source]) written[source].delete(id)
  }
  return {
    async copy(db, epoch) {
      if (mark.epoch !== epoch) {
        // Ids of another database say nothing about this one.
        Object.assign(mark, { epoch, consentEvents: 0, suppressions: 0 })
        writeMark(stateDir, mark)
        reached.length = 0
        for (const source of sources) written[source].clear()
      }
      const latest = reached.at(-1)?.ids
      const isReread = !latest || performance.now() - rereadAt >= REREAD_MS
      if (isReread) rereadAt = performance.now()
      const from = isReread ? mark : latest
      const ids: Ids = { consentEvents: 0, suppressions: 0 }
      for (const source of sources) ids[source] = await copySource(db, source, from[source])
      reached.push({ at: performance.now(), ids })
      settle()
    },
  }
}

async function denials(
  db: EntityManager,
  source: Source,
  after: number,
  upTo: number,
): Promise<(Denial & { id: number })[]> {
  const rows = await select<Omit<Denial, 'at'> & { id: number | string; at: Date }>(
    db,
    denialsBetween[source],
    [after, upTo],
  )
  return rows.map(row => ({
    ...row,
    id: Number(row.id),
    at: row.at.toISOString(),
    address: row.address.toLowerCase(),
  }))
}

function readMark(stateDir: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(stateDir), 'utf8')) as Mark
  } catch (error) {
    // Without a mark everything is read once more.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const writeMark = (stateDir: string, mark: Mark): void =>
  writeDurably(fileOf(stateDir), `${JSON.stringify(mark)}\n`)
