// Who owns the database, or broke into it, and what `weinterrupt ledger` says about it.
import mysql from 'mysql2/promise'
import type { CheckpointBody } from '../../src/consent/checkpoint'
import { copyCheckpoints, takeCheckpoint } from '../../src/consent/keep-checkpoints'
import type { LedgerReport } from '../../src/consent/verify-ledger'
import { createLedgerSigner } from '../../src/secrets/ledger-signer'
import { runWeinterrupt } from './command'
import type { Product } from './product'

/** Everything a break-in could change to hide something. */
const TABLES = [
  'consent',
  'consent_event',
  'consent_terms',
  'epoch',
  'ledger_checkpoint',
  'policy_version',
  'purpose_version',
  'reader',
  'tombstone',
  'tombstone_event',
]

export type Verdict = LedgerReport & { ok: boolean; code: number | null }

/** What the command answers. */
export async function verdict(product: Product): Promise<Verdict> {
  const { code, out, err } = await runWeinterrupt(product.env, 'ledger', 'verify', '--json')
  if (out === '') throw new Error(err)
  return { ...JSON.parse(out), code }
}

/** What the command does, without a process of its own. */
export async function makeCheckpoint({
  connections: { db, keyring },
  config,
}: Product): Promise<CheckpointBody> {
  const made = await takeCheckpoint(db, config.stateDir, createLedgerSigner(keyring))
  await copyCheckpoints(db.manager, config.stateDir)
  if (!made) throw new Error('Somebody else made a checkpoint')
  return made
}

export interface Intruder {
  /** As the owner of the tables, who has taken the triggers off. */
  run(sql: string, parameters?: unknown[]): Promise<mysql.ResultSetHeader>
  /** Puts everything back. */
  undo(): Promise<void>
  end(): Promise<void>
}

/** Takes off the triggers of these tables, and keeps what is in them now for `undo`. */
export async function breakIn(product: Product): Promise<Intruder> {
  const owner = await mysql.createConnection({ uri: product.config.databaseMigrationUrl, timezone: 'Z' })
  const [triggers] = await owner.query<mysql.RowDataPacket[]>('SHOW TRIGGERS')
  for (const { Trigger } of triggers) await owner.query(`DROP TRIGGER ${Trigger}`)
  for (const table of TABLES) await owner.query(`CREATE TABLE saved_${table} AS SELECT * FROM ${table}`)
  return {
    run: async (sql, parameters = []) => (await owner.query<mysql.ResultSetHeader>(sql, parameters))[0],
    async undo() {
      for (const table of TABLES) {
        await owner.query(`DELETE FROM ${table}`)
        await owner.query(`INSERT INTO ${table} SELECT * FROM saved_${table}`)
      }
    },
    end: () => owner.end(),
  }
}
