// P6: traffic and advertisements in the aggregate. P11: only what identifies nobody is provided to others.
import { select } from '../../transaction'
import { NAMES_SOMEBODY } from '../count-visitor'
import { MINIMUM_GROUP, ROUNDED_TO } from '../publish-counts'
import { type Found, type PromiseMeans, wrong } from './kept'
import { figures } from './mail'

/** All a counter may consist of: no column for anybody. */
const COLUMNS = 'day,label,metric,people'

/** What may be told of a cell: the rule of `published`, for many at once. */
const IS_TOLD = `day < UTC_DATE() AND people >= ${MINIMUM_GROUP}`

/**
 * The counters hold a day, a place and a number, and no place is a person's. This is public: its figures are made of
 * published cells alone, too.
 */
export async function onlyCounters({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [found] = await select<Record<'cells' | 'people' | 'named', number>>(
    manager,
    `SELECT COALESCE(SUM(${IS_TOLD}), 0) AS cells,
       COALESCE(SUM(IF(${IS_TOLD}, people - people % ${ROUNDED_TO}, 0)), 0) AS people,
       COALESCE(SUM(label REGEXP ?), 0) AS named FROM stat_cell`,
    [NAMES_SOMEBODY],
  )
  const [table] = await select<{ names: string }>(
    manager,
    `SELECT GROUP_CONCAT(column_name ORDER BY column_name) AS names FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'stat_cell'`,
  )
  const { named = 0, ...rest } = figures(found)
  const others = (table?.names ?? '').split(',').filter(name => !COLUMNS.split(',').includes(name))
  return {
    figures: rest,
    broken: wrong(['promise.broken.statNamed', named], ['promise.broken.statColumns', others.join(', ')]),
  }
}

const COUNT = /<dd class="count">(\d+)<\/dd>/g
const PATIENCE_MS = 5_000

/** What anybody can read of it on this site is at least ten people, in fives. */
export async function onlyAggregates({ origin }: PromiseMeans): Promise<Found> {
  const response = await fetch(`${origin}/statistics`, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(
    () => undefined,
  )
  const html = response?.ok ? await response.text() : ''
  const counts = [...html.matchAll(COUNT)].map(([, count]) => Number(count))
  const small = counts.filter(count => count < MINIMUM_GROUP || count % ROUNDED_TO !== 0)
  return {
    figures: { counts: counts.length, least: MINIMUM_GROUP },
    broken: wrong(
      ['promise.broken.unreachable', html === '' ? '/statistics' : ''],
      ['promise.broken.small', small.join(', ')],
    ),
  }
}
