// Privacy policy versions: immutable once published, the same number in every locale.
import { createHash } from 'node:crypto'
import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { PolicyVersion } from '../entities/policy-version'
import { select } from '../transaction'

export interface PolicyText {
  locale: string
  title: string
  markdown: string
}

const markdown = new MarkdownIt({ html: false, linkify: false })

/** Publishes one version in all the locales given, effective from `effectiveAt`. Returns its number. */
export async function publishPolicy(
  tx: EntityManager,
  texts: readonly PolicyText[],
  details: { effectiveAt: Date; requiresReconsent: boolean; changeSummary?: string },
): Promise<number> {
  const [last] = await select<{ number: number }>(
    tx,
    'SELECT COALESCE(MAX(number), 0) AS number FROM policy_version FOR UPDATE',
  )
  const number = Number(last?.number ?? 0) + 1
  for (const text of texts) await tx.insert(PolicyVersion, policyRow(number, text, details))
  return number
}

function policyRow(
  number: number,
  text: PolicyText,
  details: { effectiveAt: Date; requiresReconsent: boolean; changeSummary?: string },
) {
  const html = sanitizeHtml(markdown.render(text.markdown))
  return {
    publicId: uuidv7(),
    number,
    locale: text.locale,
    title: text.title,
    html,
    hash: hashOfPolicy({ title: text.title, html }),
    changeSummary: details.changeSummary ?? null,
    publishedAt: new Date(),
    effectiveAt: details.effectiveAt,
    requiresReconsent: details.requiresReconsent,
  }
}

/** What a consent event names besides the version. */
export const hashOfPolicy = ({ title, html }: Pick<PolicyVersion, 'title' | 'html'>): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([title, html]))
    .digest()

/** The policy in force now, in the locale asked for or else the first of the site's that has it. */
export async function currentPolicy(
  db: EntityManager,
  locale: string,
  siteLocales: readonly string[],
): Promise<PolicyVersion> {
  const found = await policyVersion(db, undefined, locale, siteLocales)
  if (!found) throw new Error('No privacy policy has been published')
  return found
}

/** One version by its number (undefined: the one in force now); undefined when there is none. */
export async function policyVersion(
  db: EntityManager,
  number: number | undefined,
  locale: string,
  siteLocales: readonly string[],
): Promise<PolicyVersion | undefined> {
  const versions = await db
    .createQueryBuilder(PolicyVersion, 'policy')
    .where(
      number === undefined
        ? `policy.number = (SELECT MAX(number) FROM policy_version
             WHERE published_at IS NOT NULL AND effective_at <= UTC_TIMESTAMP(3))`
        : 'policy.number = :number',
      { number },
    )
    .getMany()
  const wanted = [locale, ...siteLocales]
  return wanted.map(one => versions.find(version => version.locale === one)).find(version => version)
}
