// Privacy policy versions: immutable once published, the same number in every locale.
import { createHash } from 'node:crypto'
import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { PolicyVersion } from '../entities/policy-version'
import { databaseTime, select } from '../transaction'
import { materialPolicy } from './skip-reason'

export interface PolicyText {
  /** Made up when left out. */
  publicId?: string
  locale: string
  title: string
  markdown: string
  /** What is new, for those who knew the version before. */
  changeSummary?: string | null
}

export interface Publication {
  effectiveAt: Date
  /** A material change: mail under older versions stops until it is renewed. */
  requiresReconsent: boolean
}

const markdown = new MarkdownIt({ html: false, linkify: false })

/** The page's own HTML of a policy, and the SHA-256 of title and HTML that consents carry as evidence. */
export function renderPolicy(text: Pick<PolicyText, 'title' | 'markdown'>): { html: string; hash: Buffer } {
  const html = sanitizeHtml(markdown.render(text.markdown))
  return { html, hash: hashOfPolicy({ title: text.title, html }) }
}

/** What a consent event names besides the version. */
export const hashOfPolicy = ({ title, html }: Pick<PolicyVersion, 'title' | 'html'>): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([title, html]))
    .digest()

/** Publishes one version in all the locales given, effective from `effectiveAt`. Returns its number. */
export async function publishPolicy(
  tx: EntityManager,
  texts: readonly PolicyText[],
  { effectiveAt, requiresReconsent }: Publication,
): Promise<number> {
  const number = (await lastVersion(tx)) + 1
  const publishedAt = await databaseTime(tx)
  for (const text of texts) {
    const { locale, title, changeSummary = null, publicId = uuidv7() } = text
    const words = { publicId, locale, title, changeSummary, ...renderPolicy(text) }
    await tx.insert(PolicyVersion, { number, publishedAt, effectiveAt, requiresReconsent, ...words })
  }
  return number
}

/** The number of the last published version, in force or announced; nobody publishes before the transaction ends. */
export async function lastVersion(tx: EntityManager): Promise<number> {
  const [last] = await select<{ number: number }>(
    tx,
    'SELECT COALESCE(MAX(number), 0) AS number FROM policy_version FOR UPDATE',
  )
  return Number(last?.number ?? 0)
}

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
  return inLocale(versions, locale, siteLocales)
}

/** Up to `limit` published versions below a number (undefined: from the newest), the newest first. */
export async function policyVersions(
  db: EntityManager,
  { below, limit }: { below: number | undefined; limit: number },
  locale: string,
  siteLocales: readonly string[],
): Promise<PolicyVersion[]> {
  const numbers = await select<{ number: number }>(
    db,
    'SELECT DISTINCT number FROM policy_version WHERE number < ? ORDER BY number DESC LIMIT ?',
    [below ?? 4_294_967_295, limit],
  )
  if (numbers.length === 0) return []
  const versions = await db
    .createQueryBuilder(PolicyVersion, 'policy')
    .where('policy.number IN (:...numbers)', { numbers: numbers.map(row => row.number) })
    .getMany()
  return numbers.flatMap(
    ({ number }) =>
      inLocale(
        versions.filter(one => one.number === number),
        locale,
        siteLocales,
      ) ?? [],
  )
}

function inLocale(
  versions: readonly PolicyVersion[],
  locale: string,
  siteLocales: readonly string[],
): PolicyVersion | undefined {
  const wanted = [locale, ...siteLocales]
  return wanted.map(one => versions.find(version => version.locale === one)).find(version => version)
}

/** The number of the last material version in force; 0: there was none. Yeses to older ones are not good for mail. */
export async function materialVersion(db: EntityManager): Promise<number> {
  const [row] = await select<{ number: number }>(db, `SELECT ${materialPolicy} AS number`)
  return Number(row?.number ?? 0)
}
