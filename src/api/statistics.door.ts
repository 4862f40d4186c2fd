import { DateTime } from 'luxon'
import { StatMetric } from '../entities/stat-cell'
import { report } from '../privacy/statistics'
import type { DoorHandler } from './door'
import { frameOf, languagesOf } from './page-frame'
import { statisticsPage } from './pages/statistics-page'

const WEEKS = 8

/** The aggregate report for others: the last weeks, counted as everywhere. Public. */
export const statisticsPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const to = DateTime.utc()
  const series = await report(services.db.manager, {
    metrics: Object.values(StatMetric),
    from: to.minus({ weeks: WEEKS }).startOf('week').toISODate(),
    to: to.toISODate(),
    interval: 'WEEK',
    label: undefined,
  })
  response
    .set({ 'Cache-Control': 'public, max-age=3600', Vary: 'Accept-Language' })
    .type('html')
    .send(statisticsPage({ ...frame, series, languages: languagesOf(frame, '/statistics') }))
}
