// P1: no spam. P5: personalisation is a purpose of its own.
import { SENDABLE } from '../../consent/skip-reason'
import { select } from '../../transaction'
import { type Found, LATEST, type PromiseMeans, wrong } from './kept'

/** A server may take so long for its answer to the final dot (RFC 5321 §4.5.3.2.6): the gate was at most that much earlier. */
const ANSWER = 'INTERVAL 10 MINUTE'

const latestSent = `(SELECT d.newsletter_id, d.reader_id, d.at FROM newsletter n
    STRAIGHT_JOIN delivery d ON d.newsletter_id = n.id AND d.status = 'sent'
  WHERE n.id IN (SELECT id FROM (SELECT id FROM newsletter WHERE started_at IS NOT NULL ORDER BY started_at DESC LIMIT 5) five)
  LIMIT ${LATEST})`

/** The state a reader's events say there was for the purpose at a moment. */
const stateAt = (moment: string): string => `(SELECT e.to_state FROM consent_event e
  WHERE e.principal = r.public_id AND e.purpose_id = t.purpose_id AND e.at <= ${moment} ORDER BY e.position DESC LIMIT 1)`

/** No newsletter went to anybody without a yes that stood, or to an address that may not be mailed. */
export async function noSpam({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [sent] = await select<Record<'sent' | 'unasked' | 'blocked', number | null>>(
    manager,
    `SELECT COUNT(*) AS sent,
       SUM(NOT COALESCE(${stateAt(`s.at - ${ANSWER}`)} IN ${SENDABLE}, FALSE) AND NOT EXISTS (SELECT 1 FROM consent_event e
         WHERE e.principal = r.public_id AND e.purpose_id = t.purpose_id AND e.to_state IN ${SENDABLE}
           AND e.at BETWEEN s.at - ${ANSWER} AND s.at)) AS unasked,
       SUM(EXISTS (SELECT 1 FROM suppression x WHERE x.address_hash = r.address_hash
         AND x.reason IN ('HARD_BOUNCE', 'COMPLAINT', 'MANUAL') AND x.created_at < s.at - ${ANSWER})) AS blocked
     FROM ${latestSent} s JOIN newsletter n ON n.id = s.newsletter_id JOIN topic t ON t.id = n.topic_id
       JOIN reader r ON r.id = s.reader_id`,
  )
  const [more] = await select<Record<'confirmed' | 'suppressed' | 'skipped', number>>(
    manager,
    `SELECT (SELECT COUNT(*) FROM reader WHERE erased_at IS NULL) AS confirmed,
       (SELECT COUNT(*) FROM suppression) AS suppressed,
       (SELECT COUNT(*) FROM newsletter n STRAIGHT_JOIN delivery d ON d.newsletter_id = n.id AND d.status = 'skipped'
         WHERE n.id IN (SELECT id FROM (SELECT id FROM newsletter WHERE started_at IS NOT NULL ORDER BY started_at DESC LIMIT 5) five)) AS skipped`,
  )
  return {
    figures: { ...figures(more), sent: Number(sent?.sent ?? 0) },
    broken: wrong(
      ['promise.broken.unasked', Number(sent?.unasked ?? 0)],
      ['promise.broken.blocked', Number(sent?.blocked ?? 0)],
    ),
  }
}

/** Whoever is greeted by name said yes to that, and there is an event that proves it. */
export async function personalised({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [found] = await select<Record<'purposes' | 'yes' | 'no' | 'unproved', number>>(
    manager,
    `SELECT (SELECT COUNT(*) FROM purpose WHERE kind = 'PERSONALISATION') AS purposes,
       COALESCE(SUM(c.state IN ${SENDABLE}), 0) AS yes, COALESCE(SUM(c.state NOT IN ${SENDABLE}), 0) AS no,
       COALESCE(SUM(c.state IN ${SENDABLE} AND NOT COALESCE((SELECT e.to_state IN ${SENDABLE} FROM consent_event e
         WHERE e.principal = r.public_id AND e.purpose_id = c.purpose_id ORDER BY e.position DESC LIMIT 1), FALSE)), 0) AS unproved
     FROM (SELECT c.* FROM purpose p STRAIGHT_JOIN consent c ON c.purpose_id = p.id
       WHERE p.kind = 'PERSONALISATION' LIMIT ${LATEST}) c JOIN reader r ON r.id = c.reader_id`,
  )
  const { purposes = 0, unproved = 0, ...rest } = figures(found)
  return {
    figures: rest,
    broken: wrong(
      ['promise.broken.noPurpose', purposes === 0 ? 1 : 0],
      ['promise.broken.unproved', unproved],
    ),
  }
}

/** Sums and counts come as text where they are large. */
export const figures = (row: Record<string, number | null> | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value ?? 0)]))
