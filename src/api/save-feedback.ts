// What somebody says about a link, by GraphQL or by the page's form: counted by network, kept without a trace of it.
import type { DirectoryLink } from '../entities/directory-link'
import type { FeedbackKind } from '../entities/link-feedback'
import { giveFeedback, MAX_COMMENT } from '../privacy/link-feedback'
import { databaseTime, transaction } from '../transaction'
import type { Client } from './client'
import type { Services } from './context'
import { RateLimitError } from './errors'
import { isPublicId } from './find'
import { ErrorCode } from './user-errors'

export type Feedback = { link: DirectoryLink } | { code: ErrorCode; field: 'linkId' | 'comment' }

/** Keeps it, or says what is wrong. Throws RateLimitError when a network, or everybody about this link, said enough. */
export async function saveFeedback(
  { db, limits }: Pick<Services, 'db' | 'limits'>,
  client: Client,
  linkId: string,
  kind: FeedbackKind,
  comment: string,
): Promise<Feedback> {
  const words = comment.trim()
  if (words.length > MAX_COMMENT) return { code: ErrorCode.TOO_LONG, field: 'comment' }
  if (!isPublicId(linkId)) return { code: ErrorCode.NOT_FOUND, field: 'linkId' }
  await limits.feedback(client)
  const outcome = await transaction(db, tx => giveFeedback(tx, linkId, kind, words || null))
  if (outcome === 'full') throw new RateLimitError(secondsToMidnight(await databaseTime(db.manager)))
  if (outcome === 'unknown') return { code: ErrorCode.NOT_FOUND, field: 'linkId' }
  return { link: outcome }
}

const DAY_SECONDS = 86_400

const secondsToMidnight = (now: Date): number =>
  DAY_SECONDS - (Math.floor(now.getTime() / 1000) % DAY_SECONDS)
