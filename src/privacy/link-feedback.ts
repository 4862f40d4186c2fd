// What anybody may say about a link of the directory, without saying who they are.
import type { EntityManager } from 'typeorm'
import { DirectoryLink, LinkStatus } from '../entities/directory-link'
import type { FeedbackKind, LinkFeedback } from '../entities/link-feedback'
import { redact } from '../log'
import { select, write } from '../transaction'

export const MAX_COMMENT = 500
/** Of one link in one day, whoever they come from: what is kept has an end (I15). */
export const MAX_A_DAY = 200

/** Keeps one and answers the link; e-mail addresses in its words are masked. 'unknown': not in the directory. 'full': enough for today. */
export async function giveFeedback(
  tx: EntityManager,
  publicId: string,
  kind: FeedbackKind,
  comment: string | null,
): Promise<DirectoryLink | 'unknown' | 'full'> {
  const link = await tx.findOneBy(DirectoryLink, { publicId, status: LinkStatus.LISTED })
  if (!link) return 'unknown'
  const words = comment ? redact(comment).slice(0, MAX_COMMENT) : null
  const added = await write(
    tx,
    `INSERT INTO link_feedback (link_id, day, kind, comment) SELECT ?, UTC_DATE(), ?, ? FROM DUAL
     WHERE (SELECT COUNT(*) FROM link_feedback WHERE link_id = ? AND day = UTC_DATE()) < ?`,
    [link.id, kind, words, link.id, MAX_A_DAY],
  )
  return added > 0 ? link : 'full'
}

export interface FeedbackSum {
  linkId: number
  kind: FeedbackKind
  count: number
}

/** How often each thing was said about each of these links. */
export async function sumFeedback(db: EntityManager, linkIds: readonly number[]): Promise<FeedbackSum[]> {
  if (linkIds.length === 0) return []
  const rows = await select<{ link_id: number; kind: FeedbackKind; count: number }>(
    db,
    'SELECT link_id, kind, COUNT(*) AS count FROM link_feedback WHERE link_id IN (?) GROUP BY link_id, kind ORDER BY kind',
    [linkIds],
  )
  return rows.map(({ link_id: linkId, kind, count }) => ({ linkId, kind, count: Number(count) }))
}

export type FeedbackComment = Pick<LinkFeedback, 'linkId' | 'day' | 'kind'> & { comment: string }

const COMMENTS = 50

/** The latest words about each of these links, the newest first, at most 50. */
export async function latestComments(
  db: EntityManager,
  linkIds: readonly number[],
): Promise<FeedbackComment[]> {
  const rows = await select<{ link_id: number; day: string } & Pick<FeedbackComment, 'kind' | 'comment'>>(
    db,
    `SELECT link_id, DATE_FORMAT(day, '%Y-%m-%d') AS day, kind, comment FROM
       (SELECT *, ROW_NUMBER() OVER (PARTITION BY link_id ORDER BY id DESC) AS n FROM link_feedback
        WHERE link_id IN (?) AND comment IS NOT NULL) latest
     WHERE n <= ${COMMENTS} ORDER BY link_id, n`,
    [linkIds],
  )
  return rows.map(({ link_id: linkId, ...rest }) => ({ linkId, ...rest }))
}
