// The rows of a claim with what their messages are composed from and what already speaks against them, in one query.
import { skipReasonSql, standsSql } from '../consent/skip-reason'
import type { RangeClaim } from '../deliveries/claim'
import type { SkipReason } from '../entities/delivery'
import { select } from '../transaction'
import type { WorkerContext } from './context'
import type { NewsletterMail } from './load-newsletter'

export interface DeliveryRow {
  readerId: number
  version: number
  reference: Buffer
  emailSealed: Buffer | null
  nameSealed: Buffer | null
  keyId: number
  domain: string
  locale: string
  timeZone: string | null
  /** The reader allows their name in mails. */
  isPersonal: 0 | 1 | null
  /** The reader allows presses on links to be counted, and this newsletter has such links. */
  isCounted: 0 | 1 | null
  /** Known before the gate is asked; saves the work, allows nothing. */
  reason: SkipReason | null
}

/** What is still queued in the range, by reader id. Rows that wait for a retry belong to claims of their own. */
export const loadRange = (
  context: WorkerContext,
  mail: NewsletterMail,
  { fromReaderId, toReaderId }: RangeClaim,
): Promise<DeliveryRow[]> =>
  load(
    context,
    mail,
    `d.reader_id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM delivery_retry t
       WHERE t.newsletter_id = d.newsletter_id AND t.reader_id = d.reader_id)`,
    [fromReaderId, toReaderId],
  )

/** What is still queued for these readers. */
export const loadReaders = (
  context: WorkerContext,
  mail: NewsletterMail,
  readerIds: readonly number[],
): Promise<DeliveryRow[]> => load(context, mail, 'd.reader_id IN (?)', [readerIds])

const load = (
  { db }: WorkerContext,
  { newsletter, purposeId, personalisationId, counted }: NewsletterMail,
  condition: string,
  parameters: readonly unknown[],
): Promise<DeliveryRow[]> =>
  select<DeliveryRow>(
    db.manager,
    `SELECT d.reader_id AS readerId, r.version, r.reference, r.email_sealed AS emailSealed,
       r.name_sealed AS nameSealed, r.key_id AS keyId, r.domain, r.locale, r.time_zone AS timeZone,
       ${standsSql('p')} AS isPersonal, ${counted ? standsSql('k') : '0'} AS isCounted, ${skipReasonSql} AS reason
     FROM delivery d STRAIGHT_JOIN reader r ON r.id = d.reader_id
       LEFT JOIN consent c ON c.purpose_id = ? AND c.reader_id = r.id
       LEFT JOIN consent p ON p.purpose_id = ? AND p.reader_id = r.id
       ${counted ? 'LEFT JOIN consent k ON k.purpose_id = ? AND k.reader_id = r.id' : ''}
     WHERE d.newsletter_id = ? AND d.status = 'queued' AND ${condition} ORDER BY d.reader_id`,
    [purposeId, personalisationId, ...(counted ? [counted.purposeId] : []), newsletter.id, ...parameters],
  )
