// Topics: their words are the words of their purpose, so a new wording is a new purpose version.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { createPurpose, type PurposeWords, rewordPurpose, topicPurposeKey } from '../consent/purposes'
import { Purpose, PurposeKind } from '../entities/purpose'
import { Topic } from '../entities/topic'

export interface TopicDraft {
  slug: string
  maxIssues: number
  perDays: number
  words: readonly PurposeWords[]
}

export type SavedTopic = { kind: 'saved'; topic: Topic } | { kind: 'slug-taken' } | { kind: 'slug-fixed' }

/** Creates the topic with its purpose and wording version 1, or changes it. The slug stays: mails and links carry it. */
export async function saveTopic(
  tx: EntityManager,
  id: number | undefined,
  draft: TopicDraft,
): Promise<SavedTopic> {
  if (id !== undefined) return changeTopic(tx, id, draft)
  if (await tx.existsBy(Topic, { slug: draft.slug })) return { kind: 'slug-taken' }
  const purpose = await createPurpose(
    tx,
    topicPurposeKey(draft.slug),
    PurposeKind.NEWSLETTER_TOPIC,
    draft.words,
  )
  const topic = tx.create(Topic, {
    publicId: uuidv7(),
    slug: draft.slug,
    purposeId: purpose.id,
    maxIssues: draft.maxIssues,
    perDays: draft.perDays,
    createdAt: new Date(),
  })
  return { kind: 'saved', topic: await tx.save(topic) }
}

async function changeTopic(tx: EntityManager, id: number, draft: TopicDraft): Promise<SavedTopic> {
  const topic = await tx.findOneOrFail(Topic, { where: { id }, lock: { mode: 'pessimistic_write' } })
  if (topic.slug !== draft.slug) return { kind: 'slug-fixed' }
  const purpose = await tx.findOneByOrFail(Purpose, { id: topic.purposeId })
  await rewordPurpose(tx, purpose, draft.words)
  Object.assign(topic, { maxIssues: draft.maxIssues, perDays: draft.perDays })
  return { kind: 'saved', topic: await tx.save(topic) }
}
