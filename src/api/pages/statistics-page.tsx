import { message } from '../../messages'
import type { ReportSeries } from '../../privacy/statistics'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface StatisticsPageProps extends PageFrame {
  series: readonly ReportSeries[]
  languages: readonly LanguageLink[]
}

/** How many people, week by week. */
export function statisticsPage({ series, languages, ...frame }: StatisticsPageProps): string {
  const { locale, siteName } = frame
  const title = message(locale, 'statistics.title', { site: siteName })
  const counted = series.filter(({ points }) => points.some(({ count }) => count !== null))
  return page({
    frame,
    title,
    languages,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'statistics.intro')}</p>
        {counted.length === 0 && <p>{message(locale, 'statistics.none')}</p>}
        {counted.map(({ metric, points }) => (
          <section class="kept" key={metric}>
            <h2>{message(locale, `statistics.${metric}`)}</h2>
            <dl>
              {points.map(({ at, count }) => (
                <div key={at}>
                  <dt>{message(locale, 'statistics.week', { at: new Date(at) })}</dt>
                  <dd class="count">
                    {count === null ? message(locale, 'statistics.hidden') : String(count)}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </>
    ),
  })
}
