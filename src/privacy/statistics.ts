// Reports on traffic and advertisements. Days that are not over yet are in none: a count that grows would tell of who came.
import { DateTime } from 'luxon'
import type { EntityManager } from 'typeorm'
import type { StatMetric } from '../entities/stat-cell'
import { select } from '../transaction'
import { publishedSum } from './publish-counts'

export type Interval = 'DAY' | 'WEEK' | 'MONTH'

export interface ReportInput {
  metrics: readonly StatMetric[]
  /** The first and the last day, UTC. */
  from: string
  to: string
  interval: Interval
  /** One place alone; undefined: all together. */
  label: string | undefined
}

export interface ReportPoint {
  /** The first day of the interval. */
  at: string
  /** Null: hidden. */
  count: number | null
}

export interface ReportSeries {
  metric: StatMetric
  points: ReportPoint[]
}

/** One place on one day. */
export interface Cell {
  /** UTC, as 2026-11-30. */
  day: string
  label: string
  people: number
}

/** One series a metric, with a point for every interval, counted or not. */
export async function report(db: EntityManager, input: ReportInput): Promise<ReportSeries[]> {
  const { metrics, from, to, interval, label } = input
  if (metrics.length === 0) return []
  // One row at least: it says which day is the last that is told.
  const rows = await select<Cell & { metric: StatMetric | null; end: string }>(
    db,
    `SELECT DATE_FORMAT(cell.day, '%Y-%m-%d') AS day, cell.metric, cell.label, cell.people,
       DATE_FORMAT(told.end, '%Y-%m-%d') AS end
     FROM (SELECT LEAST(CAST(? AS DATE), UTC_DATE() - INTERVAL 1 DAY) AS end) told LEFT JOIN stat_cell cell
       ON cell.day BETWEEN ? AND told.end AND cell.metric IN (?) AND (? IS NULL OR cell.label = ?)`,
    [to, from, metrics, label ?? null, label ?? null],
  )
  return metrics.map(metric => ({
    metric,
    points: pointsOf(
      rows.filter(one => one.metric === metric),
      { from, to: rows[0]?.end ?? to, interval },
    ),
  }))
}

/**
 * A point for every interval from one day to the other. Which cells there are is not told: one that is missing and one that
 * is hidden look the same.
 */
export function pointsOf(
  cells: readonly Cell[],
  { from, to, interval }: Pick<ReportInput, 'from' | 'to' | 'interval'>,
): ReportPoint[] {
  const groups = new Map<string, number[]>()
  for (let at = startOf(from, interval); at <= to; at = startOf(at, interval, 1)) groups.set(at, [])
  for (const { day, people } of cells) groups.get(startOf(day, interval))?.push(people)
  return [...groups].map(([at, people]) => ({ at, count: publishedSum(people) }))
}

/** The first day of the interval a day is in, or of one so many later. Weeks begin on Monday. */
function startOf(day: string, interval: Interval, later = 0): string {
  const unit = interval.toLowerCase() as 'day' | 'week' | 'month'
  const start = DateTime.fromISO(day, { zone: 'utc' })
    .startOf(unit)
    .plus({ [unit]: later })
  return start.toFormat('yyyy-MM-dd')
}
