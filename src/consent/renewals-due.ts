// Who has to be asked to renew. Read from the rows again and again, so that nobody is forgotten, whenever a process ends.
import type { EntityManager } from 'typeorm'
import type { RenewalReason } from '../entities/renewal'
import { select } from '../transaction'
import { occasionToAsk, reasonToAsk, standsStill } from './renewal-needs'

export interface DueRenewal {
  readerId: number
  addressHash: Buffer
  locale: string
  reason: RenewalReason
  occasion: number
}

/**
 * The first of the readers with ids above `after`, up to `until`, who have to be asked: at most `limit`, one reason each.
 * Nobody who is suppressed, restricted, erased or without a working address; and nobody on a pause that ends in time.
 */
export async function renewalsDue(
  db: EntityManager,
  { after, until }: { after: number; until: number },
  limit: number,
): Promise<DueRenewal[]> {
  return select<DueRenewal>(
    db,
    `SELECT readerId, addressHash, locale, reason, occasion FROM (
       SELECT asked.*, ROW_NUMBER() OVER (PARTITION BY readerId
         ORDER BY FIELD(reason, 'POLICY', 'EXPIRY', 'SILENCE'), occasion) AS place
       FROM (${everyReason}) AS asked
       WHERE reason IS NOT NULL AND (SELECT COUNT(*) FROM suppression x WHERE x.address_hash = addressHash) = 0
     ) AS placed WHERE place = 1 ORDER BY readerId LIMIT ?`,
    [after, until, limit],
  )
}

/** One row for each yes that stands; of some readers several. */
const everyReason = `SELECT r.id AS readerId, r.address_hash AS addressHash, r.locale, ${reasonToAsk} AS reason,
    ${occasionToAsk} AS occasion
  FROM reader r JOIN consent c ON c.reader_id = r.id LEFT JOIN topic t ON t.purpose_id = c.purpose_id
  WHERE r.id > ? AND r.id <= ? AND ${standsStill}
    AND r.erased_at IS NULL AND r.restricted_at IS NULL AND r.invalid_at IS NULL AND r.address_hash IS NOT NULL
    AND (r.paused_until IS NULL OR r.paused_until <= UTC_TIMESTAMP(3) OR r.paused_until >= c.expires_at)`
