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

/** One series a metric, with a point for each interval that had anything. */
export async function report(db: EntityManager, input: ReportInput): Promise<ReportSeries[]> {
  const { metrics, from, to, interval, label } = input
  if (metrics.length === 0) return []
  const cells = await select<{ day: string; metric: StatMetric; people: number }>(
    db,
    `SELECT DATE_FORMAT(day, '%Y-%m-%d') AS day, metric, people FROM stat_cell
     WHERE day BETWEEN ? AND ? AND day < UTC_DATE() AND metric IN (?) AND (? IS NULL OR label = ?) ORDER BY day`,
    [from, to, metrics, label ?? null, label ?? null],
  )
  return metrics.map(metric => {
    const groups = new Map<string, number[]>()
    for (const cell of cells.filter(one => one.metric === metric)) {
      const at = startOf(cell.day, interval)
      groups.set(at, [...(groups.get(at) ?? []), cell.people])
    }
    const points = [...groups].map(([at, people]) => ({ at, count: publishedSum(people) }))
    return { metric, points }
  })
}

const startOf = (day: string, interval: Interval): string =>
  DateTime.fromISO(day, { zone: 'utc' })
    .startOf(interval.toLowerCase() as 'day' | 'week' | 'month')
    .toISODate() ?? day
