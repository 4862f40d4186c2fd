// Topics that were silent for a year: their readers are asked again before anything is sent to them (standards O10).
import type { EntityManager } from 'typeorm'
import { standsStill } from '../consent/renewal-needs'
import { Topic } from '../entities/topic'
import { databaseTime, select } from '../transaction'

const SILENT_MONTHS = 12
/** As long as there is to answer. */
const REFRESH_DAYS = 30

/**
 * Whether at that moment (left out: now) nothing of the topic would have been sent for a year, and somebody would get it
 * who has not said yes within that year.
 */
export async function isTooSilent(db: EntityManager, topicId: number, at?: Date): Promise<boolean> {
  const rows = await select(
    db,
    `SELECT 1 FROM topic t,
       (SELECT COALESCE(?, UTC_TIMESTAMP(3)) - INTERVAL ${SILENT_MONTHS} MONTH AS moment) AS ago
     WHERE t.id = ? AND ago.moment >
         COALESCE((SELECT MAX(n.started_at) FROM newsletter n WHERE n.topic_id = t.id), t.created_at)
       AND EXISTS (SELECT 1 FROM consent c
         WHERE c.purpose_id = t.purpose_id AND c.changed_at < ago.moment AND ${standsStill})`,
    [at ?? null, topicId],
  )
  return rows.length > 0
}

export type Refreshed = { kind: 'started'; topic: Topic } | { kind: 'not-silent' } | { kind: 'under-way' }

/**
 * Begins to ask all who said yes before now; the sweep sends the mails. A yes that is not renewed in 30 days ends then.
 * Only for a topic that was silent: it is no way to mail everybody.
 */
export async function refreshTopic(tx: EntityManager, id: number): Promise<Refreshed> {
  const topic = await tx.findOneOrFail(Topic, { where: { id }, lock: { mode: 'pessimistic_write' } })
  const now = await databaseTime(tx)
  const isUnderWay = topic.refreshAt && now.getTime() - topic.refreshAt.getTime() < REFRESH_DAYS * 86_400_000
  if (isUnderWay) return { kind: 'under-way' }
  if (!(await isTooSilent(tx, id))) return { kind: 'not-silent' }
  topic.refreshAt = now
  return { kind: 'started', topic: await tx.save(topic) }
}
