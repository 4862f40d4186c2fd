// The whole ledger held against what it must be. Changes nothing and holds nothing up.
import type { DataSource, EntityManager } from 'typeorm'
import { select } from '../transaction'
import { type Break, Findings } from './findings'
import { verifyChains } from './verify-chains'
import { type Coverage, verifyCheckpoints } from './verify-checkpoints'
import { Texts } from './verify-texts'
import { verifyTombstones } from './verify-tombstones'

export interface LedgerReport extends Coverage {
  events: number
  readers: number
  tombstones: number
  /** Events after the last checkpoint: of these a deletion that also takes the projection would not be seen. */
  uncovered: { events: number; since: Date | null }
  /** The first hundred, in the order they were found. */
  breaks: Break[]
  breakCount: number
}

/** Checks everything; memory stays flat whatever there is. `onProgress` is told how many events one pass has seen. */
export async function verifyLedger(
  db: DataSource,
  stateDir: string,
  publicKey: Buffer,
  onProgress: (pass: string, events: number) => void = () => {},
): Promise<LedgerReport> {
  const findings = new Findings()
  const seen = await verifyChains(db, new Texts(db.manager, findings), findings, events =>
    onProgress('chains', events),
  )
  await findStrayConsents(db.manager, findings)
  const tombstones = await verifyTombstones(db.manager, publicKey, findings)
  const coverage = await verifyCheckpoints(db, stateDir, publicKey, findings, events =>
    onProgress('checkpoints', events),
  )
  const uncovered = await uncoveredAfter(db.manager, coverage.last?.upTo ?? 0)
  const { breaks, count: breakCount } = findings
  return { ...seen, tombstones, ...coverage, uncovered, breaks, breakCount }
}

async function findStrayConsents(db: EntityManager, findings: Findings): Promise<void> {
  const rows = await select<{ readerId: number }>(
    db,
    `SELECT DISTINCT c.reader_id AS readerId FROM consent c LEFT JOIN reader r ON r.id = c.reader_id
     WHERE r.id IS NULL LIMIT 10`,
  )
  for (const { readerId } of rows)
    findings.add({ what: `there are consents of reader ${readerId}, whom there is not` })
}

async function uncoveredAfter(db: EntityManager, upTo: number): Promise<LedgerReport['uncovered']> {
  const [row] = await select<{ events: number | string; since: Date | null }>(
    db,
    'SELECT COUNT(*) AS events, MIN(at) AS since FROM consent_event WHERE id > ?',
    [upTo],
  )
  return { events: Number(row?.events ?? 0), since: row?.since ?? null }
}
