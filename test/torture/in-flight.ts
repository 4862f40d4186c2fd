// Whom a worker is sending to right now.
import { select } from '../../src/transaction'
import type { KnownReader } from '../support/bulk-readers'
import type { Issue, Rig } from './rig'

/** Of `byId`, the next rows of the claimed ranges: those the worker is working on, and the ones right behind them. */
export async function inFlight(
  rig: Rig,
  issue: Issue,
  byId: ReadonlyMap<number, KnownReader>,
  limit: number,
): Promise<KnownReader[]> {
  const rows = await select<{ reader_id: number }>(
    rig.product.connections.db.manager,
    `SELECT d.reader_id FROM delivery d JOIN delivery_range g ON g.newsletter_id = d.newsletter_id
       AND d.reader_id BETWEEN g.from_reader_id AND g.to_reader_id AND g.lease_until IS NOT NULL
     WHERE d.newsletter_id = ? AND d.status IN ('queued', 'sending') ORDER BY d.reader_id LIMIT ?`,
    [issue.id, limit],
  )
  return rows.flatMap(row => byId.get(row.reader_id) ?? [])
}

export async function isOver(rig: Rig, issue: Issue): Promise<boolean> {
  const rows = await select(
    rig.product.connections.db.manager,
    'SELECT 1 FROM newsletter WHERE id = ? AND finished_at IS NOT NULL',
    [issue.id],
  )
  return rows.length === 1
}
