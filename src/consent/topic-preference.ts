// How often a topic may come, and from when on: the reader's own choice beside yes and no.
import type { EntityManager } from 'typeorm'
import { skipQueued } from '../deliveries/skip-queued'
import { passedOf, underWayFor } from '../deliveries/under-way-for'
import { Consent, Frequency } from '../entities/consent'
import { SkipReason } from '../entities/delivery'
import { databaseTime } from '../transaction'
import { endsEarlier } from './pause'
import { isSendable } from './proof'
import { changed, type ReaderChange } from './reader-change'
import { lockReader, touchReader } from './readers'

export interface TopicChoice {
  frequency?: Frequency
  /** Null: no pause of its own. Undefined: as it was. */
  pausedUntil?: Date | null
}

/** From the least to the most mail. */
const byAmount = [Frequency.AT_MOST_MONTHLY, Frequency.AT_MOST_WEEKLY, Frequency.EVERY_ISSUE]
export const isMoreOften = (to: Frequency, from: Frequency): boolean =>
  byAmount.indexOf(to) > byAmount.indexOf(from)

/**
 * Saves the choice for a topic the reader gets. The next gate counts by it, also of a newsletter that is going out; a
 * pause skips what is queued. More often, or a pause that ends earlier, needs a proof.
 */
export async function chooseForTopic(
  tx: EntityManager,
  readerId: number,
  purposeId: number,
  choice: TopicChoice,
  isProved: boolean,
): Promise<ReaderChange> {
  const reader = await lockReader(tx, readerId)
  const consent = await tx.findOneBy(Consent, { purposeId, readerId })
  if (!reader || !consent || !isSendable(consent.state)) return { kind: 'not-standing' }
  const now = await databaseTime(tx)
  const frequency = choice.frequency ?? consent.frequency
  const pausedUntil = choice.pausedUntil === undefined ? consent.pausedUntil : choice.pausedUntil
  const isMore =
    isMoreOften(frequency, consent.frequency) || endsEarlier(consent.pausedUntil, pausedUntil, now)
  if (isMore && !isProved) return { kind: 'needs-proof' }
  await touchReader(tx, reader.id)
  await tx.update(Consent, { purposeId, readerId }, { frequency, pausedUntil })
  if (pausedUntil && pausedUntil > now)
    return changed(await skipQueued(tx, reader, purposeId, SkipReason.PAUSED))
  return changed(passedOf(await underWayFor(tx, reader, purposeId)))
}
