// When a yes needs to be said again: SQL over a consent `c` and the topic `t` of its purpose, if it is one's.
import { materialPolicy, SENDABLE } from './skip-reason'

/** standards §N "re-affirm": asked once, so long before it ends, and so long there is to answer. */
const ASKED_DAYS = 30
/** What ends within this time after a mail was spoken of in it, so that it needs none of its own. */
const COVERED_DAYS = 60

/** Not ended, and there to be renewed. */
export const standsStill = `c.state IN ${SENDABLE} AND c.expires_at > UTC_TIMESTAMP(3)`

/** Given under a policy that a material version in force has replaced (G5). */
const isOld = `c.policy_number < ${materialPolicy}`

const endsWithin = (days: number): string => `c.expires_at <= UTC_TIMESTAMP(3) + INTERVAL ${days} DAY`

/** Its topic's readers are being asked again after a year of silence (O10), and this one has not answered. */
const isUnanswered = 't.refresh_at IS NOT NULL AND c.changed_at < t.refresh_at'
const isBeingRefreshed = `${isUnanswered} AND t.refresh_at > UTC_TIMESTAMP(3) - INTERVAL ${ASKED_DAYS} DAY`

/** What a link renews. */
export const isRenewable = `${standsStill} AND (${isOld} OR ${endsWithin(COVERED_DAYS)} OR (${isBeingRefreshed}))`

/** Over, and only its state does not say so yet. */
export const isOver = `c.state IN ${SENDABLE} AND (c.expires_at <= UTC_TIMESTAMP(3)
  OR (${isUnanswered} AND t.refresh_at <= UTC_TIMESTAMP(3) - INTERVAL ${ASKED_DAYS} DAY))`

const hasNone = (which: string): string =>
  `(SELECT COUNT(*) FROM renewal n WHERE n.reader_id = c.reader_id AND ${which}) = 0`

/** Why the reader has to be asked now, the first that applies; NULL: need not be, or has been. */
export const reasonToAsk = `CASE
  WHEN ${isOld} THEN IF(${hasNone(`n.reason = 'POLICY' AND n.occasion = ${materialPolicy}`)}, 'POLICY', NULL)
  WHEN ${endsWithin(ASKED_DAYS)}
    THEN IF(${hasNone(`n.created_at >= c.expires_at - INTERVAL ${COVERED_DAYS} DAY`)}, 'EXPIRY', NULL)
  WHEN ${isBeingRefreshed} THEN IF(${hasNone('n.created_at >= t.refresh_at')}, 'SILENCE', NULL) END`

/** What makes two requests for the same reason the same one (entities/renewal). */
export const occasionToAsk = `CASE
  WHEN ${isOld} THEN ${materialPolicy}
  WHEN ${endsWithin(ASKED_DAYS)} THEN TO_DAYS(c.expires_at)
  ELSE TIMESTAMPDIFF(SECOND, '1970-01-01', t.refresh_at) END`
