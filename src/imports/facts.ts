// What rows may refer to: topics with every version of their words, policy versions. Read once for each file.
import type { EntityManager } from 'typeorm'
import { siteLocales, siteOf } from '../consent/first-start'
import { PolicyVersion } from '../entities/policy-version'
import { PurposeVersion } from '../entities/purpose-version'
import { Topic } from '../entities/topic'

export interface ImportFacts {
  locales: readonly string[]
  /** By slug: the purpose and all its words, the latest first. */
  topics: ReadonlyMap<string, { purposeId: number; words: readonly PurposeVersion[] }>
  policies: readonly PolicyVersion[]
}

export async function importFacts(db: EntityManager): Promise<ImportFacts> {
  const words = await db.find(PurposeVersion, { order: { version: 'DESC', id: 'ASC' } })
  const topics = await db.find(Topic)
  const policies = await db.find(PolicyVersion)
  return {
    locales: siteLocales(await siteOf(db)),
    topics: new Map(
      topics.map(({ slug, purposeId }) => [
        slug,
        { purposeId, words: words.filter(one => one.purposeId === purposeId) },
      ]),
    ),
    policies: policies.filter(policy => policy.publishedAt !== null),
  }
}

/** The version in the locale, or else in the first of the site's that has it; undefined: it was never published. */
export const policyOf = (
  { policies, locales }: ImportFacts,
  version: string,
  locale: string,
): PolicyVersion | undefined =>
  [locale, ...locales]
    .map(one => policies.find(policy => String(policy.number) === version && policy.locale === one))
    .find(policy => policy !== undefined)
