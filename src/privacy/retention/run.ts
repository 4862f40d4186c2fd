// A run of one rule: all of it at once for the command line, a batch at a time for the worker. Both keep the diary.
import type { DataSource, EntityManager } from 'typeorm'
import { select, write } from '../../transaction'
import type { Periods } from './periods'
import type { RetentionRule } from './rule'
import { retentionRules } from './rules'

/** Removes everything the rule finds; answers how many rows went. */
export async function runRule(db: DataSource, rule: RetentionRule, periods: Periods): Promise<number> {
  let removed = 0
  for await (const batch of rule.forget(db, periods)) removed += batch
  await noteRun(db.manager, rule, removed)
  return removed
}

/** Writes down that a rule has nothing left to remove for now. */
export const noteRun = (db: EntityManager, { name }: RetentionRule, removed: number): Promise<number> =>
  write(
    db,
    `INSERT INTO retention_run (rule, ended_at, removed) VALUES (?, UTC_TIMESTAMP(3), ?)
     ON DUPLICATE KEY UPDATE ended_at = VALUES(ended_at), removed = VALUES(removed)`,
    [name, removed],
  )

/** The daily rules that were not run for a day, in their order. */
export async function dueRules(db: EntityManager): Promise<RetentionRule[]> {
  const rows = await select<{ rule: string }>(
    db,
    'SELECT rule FROM retention_run WHERE ended_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY',
  )
  const done = new Set(rows.map(({ rule }) => rule))
  return retentionRules.filter(({ every, name }) => every === 'DAY' && !done.has(name))
}
