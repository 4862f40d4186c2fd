// P10: released only by law, to enforce, to protect: on a written basis, by two people, of one person.
import { select } from '../../transaction'
import { type Found, type PromiseMeans, wrong } from './kept'
import { figures } from './mail'

const latest = '(SELECT * FROM lawful_disclosure ORDER BY id DESC LIMIT 1000)'
const released = 'l.handed_out_at IS NOT NULL'

/** DESIGN §6: with a single admin the second person is a day. */
const UNAPPROVED = `(${released} AND (l.approved_by_id IS NULL OR l.approved_at IS NULL OR l.approved_at > l.handed_out_at
  OR (l.approved_by_id = l.requested_by_id AND l.approved_at < l.requested_at + INTERVAL 24 HOUR)))`

/** Audit events may go after three years, each by its own time: what is nearly as old is not looked for. */
const missing = (moment: string, event: string): string =>
  `(COALESCE(l.${moment} > UTC_TIMESTAMP(3) - INTERVAL 35 MONTH, FALSE) AND COALESCE(a.${event}, 0) = 0)`

/** The row of an erased reader goes after three years at the earliest. */
const NOT_ONE = `(${released} AND (l.extract_hash IS NULL
  OR (r.id IS NULL AND l.handed_out_at > UTC_TIMESTAMP(3) - INTERVAL 35 MONTH)))`

/** Long enough for a worker that was away; who is erased cannot be reached. */
const UNTOLD = `(${released} AND l.told_at IS NULL AND r.address_hash IS NOT NULL
  AND GREATEST(l.handed_out_at, COALESCE(l.tell_not_before, l.handed_out_at)) < UTC_TIMESTAMP(3) - INTERVAL 1 DAY)`

type Figures = 'asked' | 'approved' | 'released' | 'told' | 'silent'
type Broken = 'baseless' | 'unapproved' | 'unaudited' | 'notOne' | 'untold'

/** Every release has its basis, its second person, its steps in the audit log, and is the extract of one reader. */
export async function onlyByLaw({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [found] = await select<Record<Figures | Broken, number | null>>(
    manager,
    `SELECT COUNT(*) AS asked, SUM(l.approved_at IS NOT NULL) AS approved, SUM(${released}) AS released,
       SUM(l.told_at IS NOT NULL) AS told,
       SUM(${released} AND l.told_at IS NULL AND COALESCE(l.tell_not_before > UTC_TIMESTAMP(3), FALSE)) AS silent,
       SUM(TRIM(l.authority) = '' OR TRIM(l.basis) = '' OR TRIM(l.file_number) = '') AS baseless,
       SUM(${UNAPPROVED}) AS unapproved,
       SUM(${missing('requested_at', 'records')} + ${missing('approved_at', 'approvals')}
         + ${missing('handed_out_at', 'releases')}) AS unaudited,
       SUM(${NOT_ONE}) AS notOne, SUM(${UNTOLD}) AS untold
     FROM ${latest} l LEFT JOIN reader r ON r.id = l.reader_id
       LEFT JOIN (SELECT target, SUM(action = 'lawful.record') AS records, SUM(action = 'lawful.approve') AS approvals,
           SUM(action = 'lawful.hand-out') AS releases
         FROM audit_event WHERE action LIKE 'lawful.%' GROUP BY target) a ON a.target = l.public_id`,
  )
  const { baseless = 0, unapproved = 0, unaudited = 0, notOne = 0, untold = 0, ...rest } = figures(found)
  return {
    figures: rest,
    broken: wrong(
      ['promise.broken.baseless', baseless],
      ['promise.broken.unapproved', unapproved],
      ['promise.broken.unaudited', unaudited],
      ['promise.broken.notOne', notOne],
      ['promise.broken.untold', untold],
    ),
  }
}
