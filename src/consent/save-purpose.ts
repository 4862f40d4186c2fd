// Purposes beside the topics: personalisation, cookies, third parties.
import type { EntityManager } from 'typeorm'
import { Purpose, PurposeKind } from '../entities/purpose'
import { createPurpose, type PurposeWords, rewordPurpose } from './purposes'

export interface PurposeDraft {
  key: string
  kind: PurposeKind
  words: readonly PurposeWords[]
}

export type SavedPurpose =
  | { kind: 'saved'; purpose: Purpose }
  /** The key is taken, or it or the kind differs from what it was: decisions name them. */
  | { kind: 'fixed'; field: 'key' | 'kind' }
  /** A topic's words are saved with the topic. */
  | { kind: 'is-topic' }

/** Creates the purpose with version 1 of its words, or gives it new ones: those are a new version. */
export async function savePurpose(
  tx: EntityManager,
  id: number | undefined,
  { key, kind, words }: PurposeDraft,
): Promise<SavedPurpose> {
  if (id === undefined) {
    if (await tx.existsBy(Purpose, { key })) return { kind: 'fixed', field: 'key' }
    return { kind: 'saved', purpose: await createPurpose(tx, key, kind, words) }
  }
  const purpose = await tx.findOneOrFail(Purpose, { where: { id }, lock: { mode: 'pessimistic_write' } })
  if (purpose.kind === PurposeKind.NEWSLETTER_TOPIC) return { kind: 'is-topic' }
  if (purpose.key !== key) return { kind: 'fixed', field: 'key' }
  if (purpose.kind !== kind) return { kind: 'fixed', field: 'kind' }
  await rewordPurpose(tx, purpose, words)
  return { kind: 'saved', purpose }
}
