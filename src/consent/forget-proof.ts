// Proof of consent whose time is over: of readers who were erased so many years ago.
import type { EntityManager } from 'typeorm'
import type { LedgerSigner } from '../secrets/ledger-signer'
import { select } from '../transaction'
import { deleteEvents } from './delete-events'

const AT_ONCE = 100

const OVER = 'erased_at < UTC_TIMESTAMP(3) - INTERVAL ? YEAR'

export interface ErasedReader {
  id: number
  publicId: string
}

/** How many readers were erased more than so many years ago and have not gone yet. */
export async function countForgettableProofs(db: EntityManager, years: number): Promise<number> {
  const [row] = await select<{ count: number }>(db, `SELECT COUNT(*) AS count FROM reader WHERE ${OVER}`, [
    years,
  ])
  return Number(row?.count ?? 0)
}

/** The next of them after this one. */
export const proofsToForget = (
  db: EntityManager,
  years: number,
  afterReaderId: number,
): Promise<ErasedReader[]> =>
  select(db, `SELECT id, public_id AS publicId FROM reader WHERE ${OVER} AND id > ? ORDER BY id LIMIT ?`, [
    years,
    afterReaderId,
    AT_ONCE,
  ])

/**
 * Deletes the consent events of an erased reader under a signed tombstone, and then the row with the random numbers that
 * stood for the person; true if it did. The database refuses a row that was not erased so long ago.
 */
export async function forgetProof(
  tx: EntityManager,
  signer: LedgerSigner,
  { id, publicId }: ErasedReader,
  years: number,
): Promise<boolean> {
  await deleteEvents(tx, signer, publicId, { basis: 'RETENTION', actor: 'retention' })
  const [[row]]: [{ removed: number }[]] = await tx.query('CALL forget_erased_reader(?, ?)', [id, years])
  return row?.removed === 1
}
