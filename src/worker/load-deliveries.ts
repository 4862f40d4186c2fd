// The rows of one claim with what their messages are composed from, in one query.
import { standsSql } from '../consent/skip-reason'
import type { Claim } from '../deliveries/claim'
import { select } from '../transaction'
import type { WorkerContext } from './context'

export interface DeliveryRow {
  readerId: number
  version: number
  reference: Buffer
  emailSealed: Buffer | null
  nameSealed: Buffer | null
  keyId: number
  locale: string
  /** The reader allows their name in mails. */
  isPersonal: 0 | 1 | null
}

/** What is still queued under the claim, by reader id. Rows that wait for a retry belong to their own claim. */
export async function loadDeliveries(
  { db }: WorkerContext,
  claim: Claim,
  personalisationId: number,
): Promise<DeliveryRow[]> {
  const [condition, parameters] =
    claim.kind === 'range'
      ? [
          `d.reader_id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM delivery_retry t
             WHERE t.newsletter_id = d.newsletter_id AND t.reader_id = d.reader_id)`,
          [claim.fromReaderId, claim.toReaderId],
        ]
      : ['d.reader_id = ?', [claim.readerId]]
  return select<DeliveryRow>(
    db.manager,
    `SELECT d.reader_id AS readerId, r.version, r.reference, r.email_sealed AS emailSealed,
       r.name_sealed AS nameSealed, r.key_id AS keyId, r.locale, ${standsSql('p')} AS isPersonal
     FROM delivery d JOIN reader r ON r.id = d.reader_id
       LEFT JOIN consent p ON p.reader_id = r.id AND p.purpose_id = ?
     WHERE d.newsletter_id = ? AND d.status = 'queued' AND ${condition} ORDER BY d.reader_id`,
    [personalisationId, claim.newsletterId, ...parameters],
  )
}

/** One reader's row again, after the gate found it changed. Undefined when it is not queued any more. */
export async function reloadDelivery(
  context: WorkerContext,
  claim: Claim,
  readerId: number,
  personalisationId: number,
): Promise<DeliveryRow | undefined> {
  const { newsletterId, fence } = claim
  const [row] = await loadDeliveries(
    context,
    { kind: 'retry', newsletterId, readerId, fence },
    personalisationId,
  )
  return row
}
