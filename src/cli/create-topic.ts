import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { createPurpose, type PurposeWords, topicPurposeKey } from '../consent/purposes'
import { PurposeKind } from '../entities/purpose'
import { Topic } from '../entities/topic'

/** Writes a topic and its purpose with version 1 of its words. */
export async function createTopic(
  tx: EntityManager,
  topic: { slug: string; maxIssues: number; perDays: number; words: readonly PurposeWords[] },
): Promise<Topic> {
  const { slug, maxIssues, perDays, words } = topic
  const purpose = await createPurpose(tx, topicPurposeKey(slug), PurposeKind.NEWSLETTER_TOPIC, words)
  const row = { publicId: uuidv7(), slug, purposeId: purpose.id, maxIssues, perDays, createdAt: new Date() }
  return tx.save(tx.create(Topic, row))
}
