// Frequency caps (I6): rolling windows over what passed the gate, counted under the reader's lock. Whoever is over one is
// skipped and never caught up with (standards §N).

const sentWithin = (days: string): string => `SUM(s.at > UTC_TIMESTAMP(3) - INTERVAL ${days} DAY)`
const sentOfTopicWithin = (days: string): string =>
  `SUM(s.purpose_id = c.purpose_id AND s.at > UTC_TIMESTAMP(3) - INTERVAL ${days} DAY)`

/** What the topics the reader said yes to promise together for so many days. */
const promisedWithin = (days: number): string =>
  `(SELECT SUM(pt.max_issues * CEIL(${days} / pt.per_days)) FROM consent pc JOIN topic pt ON pt.purpose_id = pc.purpose_id
    WHERE pc.reader_id = r.id AND pc.state IN ('ConsentGiven', 'RenewedConsentGiven'))`

const ceilings = [
  [1, 'max_per_day'],
  [7, 'max_per_week'],
  [30, 'max_per_month'],
] as const
type Ceiling = (typeof ceilings)[number]

const atCeiling = ([days, column]: Ceiling): string => `${sentWithin(String(days))} >= MAX(w.${column})`

/** The site's ceiling does not cut what the reader said yes to. */
const overCeiling = (ceiling: Ceiling): string =>
  `${atCeiling(ceiling)} AND ${sentWithin(String(ceiling[0]))} >= ${promisedWithin(ceiling[0])}`

// Forced: statistics of a table that was empty a moment ago would make it be read as a whole.
const SENDS = 'reader_send s FORCE INDEX (PRIMARY)'

/** With the two rules that a topic and its reader make, and the site's ceilings put as given. */
const reached = (ceilingSql: (ceiling: Ceiling) => string): string =>
  `(SELECT ${sentOfTopicWithin('t.per_days')} >= MAX(t.max_issues)
    OR c.frequency = 'AT_MOST_WEEKLY' AND ${sentOfTopicWithin('7')} >= 1
    OR c.frequency = 'AT_MOST_MONTHLY' AND ${sentOfTopicWithin('30')} >= 1
    OR ${ceilings.map(ceilingSql).join(' OR ')}
  FROM ${SENDS} STRAIGHT_JOIN site w ON w.id = 1 STRAIGHT_JOIN topic t ON t.purpose_id = c.purpose_id
  WHERE s.reader_id = r.id)`

/**
 * True once one more would break the topic's promise, the reader's own choice for the topic, or the ceiling over all
 * topics. Aliases: `r` the reader, `c` the consent for the newsletter's purpose. A reader without sends costs one look-up.
 * MariaDB works out every sub-query of a SELECT with sums, wanted or not, so what the reader is promised is asked in
 * a second one, for those alone who are at a ceiling or over a promise.
 */
export const capReachedSql = `EXISTS (SELECT 1 FROM ${SENDS} WHERE s.reader_id = r.id)
  AND ${reached(atCeiling)} AND ${reached(overCeiling)}`
