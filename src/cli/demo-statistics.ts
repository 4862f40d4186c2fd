// The demo's visitors: what was counted in the last three weeks, and what they were asked before.
import type { EntityManager } from 'typeorm'
import { createPurpose } from '../consent/purposes'
import { PurposeKind } from '../entities/purpose'
import { StatCell, StatMetric } from '../entities/stat-cell'
import { createChance } from './demo-random'

const DAYS = 21
const DAY_MS = 86_400_000

const purposes = [
  {
    key: 'visits',
    kind: PurposeKind.ANALYTICS_COOKIES,
    en: ['Count my visits', 'Count that somebody was on a page today. Nothing is kept about me.'],
    de: [
      'Meine Besuche zählen',
      'Zählen, dass heute jemand auf einer Seite war. Über mich wird nichts behalten.',
    ],
  },
  {
    key: 'advertisements',
    kind: PurposeKind.ADVERTISING_COOKIES,
    en: [
      'Count advertisements',
      'Count that somebody saw or pressed an advertisement. Nothing is kept about me.',
    ],
    de: [
      'Anzeigen zählen',
      'Zählen, dass jemand eine Anzeige sah oder anklickte. Über mich wird nichts behalten.',
    ],
  },
] as const

/** Some places are always busy, some never: those stay hidden. */
const places = [
  { metric: StatMetric.VISIT, label: '', people: [60, 180] },
  { metric: StatMetric.PAGE_VIEW, label: '/', people: [40, 120] },
  { metric: StatMetric.PAGE_VIEW, label: '/jobs', people: [8, 40] },
  { metric: StatMetric.PAGE_VIEW, label: '/imprint', people: [1, 9] },
  { metric: StatMetric.AD_IMPRESSION, label: 'top', people: [30, 90] },
  { metric: StatMetric.AD_CLICK, label: 'top', people: [0, 14] },
] as const

export async function insertDemoStatistics(tx: EntityManager, locales: readonly string[]): Promise<void> {
  for (const { key, kind, ...words } of purposes)
    await createPurpose(
      tx,
      key,
      kind,
      (['en', 'de'] as const)
        .filter(locale => locales.includes(locale))
        .map(locale => ({ locale, title: words[locale][0], description: words[locale][1], cadence: null })),
    )
  const chance = createChance(61)
  const cells = Array.from({ length: DAYS }, (_, ago) => {
    const day = new Date(Date.now() - (ago + 1) * DAY_MS).toISOString().slice(0, 10)
    return places.map(({ people: [least, most], ...place }) => ({
      ...place,
      day,
      people: chance.whole(least, most),
    }))
  }).flat()
  await tx.insert(
    StatCell,
    cells.filter(({ people }) => people > 0),
  )
}
