// On an empty database the first start writes the site, policy version 1 and the one purpose every site has.
import type { EntityManager } from 'typeorm'
import { PurposeKind } from '../entities/purpose'
import { Site } from '../entities/site'
import { databaseTime, write } from '../transaction'
import { defaultPolicy } from './default-policy'
import { startEpoch } from './epoch'
import { publishPolicy } from './policies'
import type { SiteFacts } from './policy-facts'
import { createPurpose, PERSONALISATION_KEY } from './purposes'
import { type Controller, keepTerms } from './terms'

/** Writes them once, however many processes start together; true for the one that did. */
export async function firstStart(
  tx: EntityManager,
  facts: SiteFacts & Controller & { locales: readonly string[]; frequencyCeiling: FrequencyCeiling },
): Promise<boolean> {
  const added = await write(tx, 'INSERT IGNORE INTO site (id, name, contact, locales) VALUES (1, ?, ?, ?)', [
    facts.siteName,
    facts.contact,
    facts.locales.join(','),
  ])
  await writeCeiling(tx, facts.frequencyCeiling)
  await keepTerms(tx, facts)
  if (added === 0) return false
  await startEpoch(tx, 1)
  const policy = defaultPolicy(facts).filter(text => facts.locales.includes(text.locale))
  await publishPolicy(tx, policy, { effectiveAt: await databaseTime(tx), requiresReconsent: false })
  await createPurpose(
    tx,
    PERSONALISATION_KEY,
    PurposeKind.PERSONALISATION,
    personalisation.filter(words => facts.locales.includes(words.locale)),
  )
  return true
}

interface FrequencyCeiling {
  perDay: number
  perWeek: number
  perMonth: number
}

/** The gate reads it from the row it locks anyway; the environment decides at every start. */
const writeCeiling = (tx: EntityManager, { perDay, perWeek, perMonth }: FrequencyCeiling): Promise<number> =>
  write(tx, 'UPDATE site SET max_per_day = ?, max_per_week = ?, max_per_month = ? WHERE id = 1', [
    perDay,
    perWeek,
    perMonth,
  ])

const personalisation = [
  {
    locale: 'en',
    title: 'Greet me by name',
    description: 'Use the name I gave in the mails I get. Without this everyone gets the same mail.',
    cadence: null,
  },
  {
    locale: 'de',
    title: 'Mit Namen ansprechen',
    description:
      'Den Namen, den ich angegeben habe, in den Mails verwenden, die ich bekomme. Ohne dies bekommen alle dieselbe Mail.',
    cadence: null,
  },
]

/** The site's facts. Throws before the first start. */
export const siteOf = (db: EntityManager): Promise<Site> => db.findOneByOrFail(Site, { id: 1 })

export const siteLocales = (site: Pick<Site, 'locales'>): string[] => site.locales.split(',')
