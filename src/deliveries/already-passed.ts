import type { EntityManager } from 'typeorm'
import type { Newsletter } from '../entities/newsletter'
import { select } from '../transaction'
import { deliveryId } from './delivery-id'

/**
 * Past its gate and not answered yet: alias `d`. A worker that was frozen may still end what others already count as
 * unknown, so for an hour (longer than any server may take to answer) those belong to it, whatever a person decided.
 */
export const mayStillArriveSql = `(d.status = 'sending'
  OR d.status = 'unknown' AND d.at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR
  OR (d.newsletter_id, d.reader_id) IN
    (SELECT newsletter_id, reader_id FROM delivery_decision WHERE at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR))`

/** Newsletters that may have such deliveries: alias `n`. */
export const maybeUnderWaySql = `(n.status IN ('SENDING', 'PAUSED')
  OR n.status IN ('SENT', 'CANCELLED') AND n.started_at IS NOT NULL
    AND (n.finished_at IS NULL OR n.finished_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR))`

/** The deliveries a barrier for these newsletters (undefined: for all) cannot hold back, named in its answer (I4). */
export async function alreadyPassed(
  tx: EntityManager,
  newsletters?: readonly Pick<Newsletter, 'id'>[],
): Promise<string[]> {
  const ids = newsletters?.map(newsletter => newsletter.id) ?? (await underWay(tx))
  if (ids.length === 0) return []
  const rows = await select<{ newsletter: Buffer; reader: Buffer }>(
    tx,
    `SELECT n.reference AS newsletter, r.reference AS reader
     FROM delivery d JOIN reader r ON r.id = d.reader_id JOIN newsletter n ON n.id = d.newsletter_id
     WHERE d.newsletter_id IN (?) AND ${mayStillArriveSql}`,
    [ids],
  )
  return rows.map(row => deliveryId(row.newsletter, row.reader))
}

async function underWay(tx: EntityManager): Promise<number[]> {
  const rows = await select<{ id: number }>(tx, `SELECT n.id FROM newsletter n WHERE ${maybeUnderWaySql}`)
  return rows.map(row => row.id)
}
