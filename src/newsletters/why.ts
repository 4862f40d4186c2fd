// Why an address does or does not get mail: the same SQL as the gate, for each topic, and what became of past newsletters.
import type { EntityManager } from 'typeorm'
import { skipReasonSql } from '../consent/skip-reason'
import type { DeliveryStatus, SkipReason } from '../entities/delivery'
import { Reader } from '../entities/reader'
import { select } from '../transaction'

export interface Why {
  isReader: boolean
  /** Pending readers are in no audience: here they show (I2). */
  pendingSince: Date | null
  /** Null: would get it now. */
  topics: { slug: string; reason: SkipReason | null }[]
  /** The latest 20. `newsletter` is its public id. */
  deliveries: { newsletter: string; status: DeliveryStatus; skipReason: SkipReason | null; at: Date }[]
}

export async function whyNot(db: EntityManager, addressHash: Buffer): Promise<Why> {
  const reader = await db.findOneBy(Reader, { addressHash })
  const [pending] = await select<{ at: Date | null }>(
    db,
    `SELECT MAX(created_at) AS at FROM registration
     WHERE address_hash = ? AND confirmed_at IS NULL AND expires_at > UTC_TIMESTAMP(3)`,
    [addressHash],
  )
  const isReader = reader !== null
  const pendingSince = pending?.at ?? null
  if (!reader) return { isReader, pendingSince, topics: [], deliveries: [] }
  const topics = await select<Why['topics'][number]>(
    db,
    `SELECT t.slug, ${skipReasonSql} AS reason FROM topic t JOIN reader r ON r.id = ?
       LEFT JOIN consent c ON c.purpose_id = t.purpose_id AND c.reader_id = r.id ORDER BY t.id`,
    [reader.id],
  )
  const deliveries = await select<Why['deliveries'][number]>(
    db,
    `SELECT n.public_id AS newsletter, d.status, d.skip_reason AS skipReason, d.at
     FROM newsletter n JOIN delivery d ON d.newsletter_id = n.id AND d.reader_id = ? ORDER BY n.id DESC LIMIT 20`,
    [reader.id],
  )
  return { isReader, pendingSince, topics, deliveries }
}
