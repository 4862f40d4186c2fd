// What visitors' pages report. It is counted only with a yes to that kind of counting, and never against the browser's signal.
import type { Request } from 'express'
import { ConsentStatus } from '../entities/consent'
import { PurposeKind } from '../entities/purpose'
import { StatMetric } from '../entities/stat-cell'
import { countVisitor, NAMES_SOMEBODY, type Seen } from '../privacy/count-visitor'
import type { Services } from './context'
import type { Visitor } from './visitor'

/** As it comes from outside. */
export interface StatEvent {
  metric: string
  path?: string | null
  placement?: string | null
}

const kindOf: Record<StatMetric, PurposeKind> = {
  PAGE_VIEW: PurposeKind.ANALYTICS_COOKIES,
  VISIT: PurposeKind.ANALYTICS_COOKIES,
  ARCHIVE_VIEW: PurposeKind.ANALYTICS_COOKIES,
  AD_IMPRESSION: PurposeKind.ADVERTISING_COOKIES,
  AD_CLICK: PurposeKind.ADVERTISING_COOKIES,
  LINK_CLICK: PurposeKind.CLICK_COUNTING,
}

/** A path of the site without query and fragment, in characters that cannot hold an address. */
const PATH = /^\/[\w.~/-]{0,199}$/
const PLACEMENT = /^[a-z0-9-]{1,60}$/
const ABOUT_SOMEBODY = new RegExp(NAMES_SOMEBODY, 'i')

const isPlace = (text: string | null | undefined, form: RegExp): text is string =>
  typeof text === 'string' && form.test(text) && !ABOUT_SOMEBODY.test(text)

/** The cell it belongs to; undefined when it is none, or when its place could name somebody: a link of a mail, say. */
export function cellOf({ metric, path, placement }: StatEvent): Seen | undefined {
  switch (metric) {
    case StatMetric.VISIT:
      return { metric, label: '' }
    case StatMetric.PAGE_VIEW:
    case StatMetric.ARCHIVE_VIEW:
      return isPlace(path, PATH) ? { metric, label: path } : undefined
    case StatMetric.AD_IMPRESSION:
    case StatMetric.AD_CLICK:
      return isPlace(placement, PLACEMENT) ? { metric, label: placement } : undefined
    default:
      return undefined
  }
}

/** Counts what the visitor has said yes to; the rest is dropped, and nobody is told which. */
export async function recordStats(
  { redis, db }: Pick<Services, 'redis' | 'db'>,
  request: Request,
  { asked }: Visitor,
  cells: readonly Seen[],
): Promise<void> {
  const granted = new Set(
    asked.filter(({ status }) => status === ConsentStatus.GRANTED).map(({ shown }) => shown.purpose.kind),
  )
  const counted = cells.filter(({ metric }) => granted.has(kindOf[metric]))
  if (counted.length === 0) return
  const visitor = { address: request.ip ?? '', userAgent: request.headers['user-agent'] ?? '' }
  await countVisitor({ redis, db: db.manager }, visitor, counted)
}
