// One row of a file of readers: everything that makes a yes a proof must be there, and nothing is guessed.
import { createHash } from 'node:crypto'
import { DateTime } from 'luxon'
import type { ImportedYes } from '../consent/import-readers'
import type { ImportSettings } from '../entities/import-job'
import type { PurposeVersion } from '../entities/purpose-version'
import { parseAddress } from '../mail/address'
import { pickLocale } from '../messages'
import type { ReaderColumns } from './columns'
import { type ImportFacts, policyOf } from './facts'
import type { RowReason } from './problem'

/** Sign-up has the same limit. */
const MAX_NAME = 100
const MAX_WORDING = 10_000
/** As sign-up refuses them (standards H3); and what a spreadsheet would run as a formula. */
const NOT_IN_NAMES = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]|^[=+\-@]/u
/** No program writes them into words that a person has read. */
const NOT_IN_TEXT = /[^\P{Cc}\t\r\n]/u
const SHA256_HEX = /^[0-9a-f]{64}$/i

export interface ReaderRows {
  columns: ReaderColumns
  settings: ImportSettings & { kind: 'readers' }
  facts: ImportFacts
  /** Public id of the import. */
  importId: string
}

/** The yes that the row proves, or why it proves none. */
export function readReaderRow(
  { columns, settings, facts, importId }: ReaderRows,
  fields: readonly string[],
  row: number,
): ImportedYes | RowReason {
  if (fields.length !== columns.count) return 'fields'
  const at = (column: number | undefined): string =>
    column === undefined ? '' : (fields[column] ?? '').trim()
  const address = parseAddress(at(columns.email))
  if (!address) return at(columns.email) === '' ? 'email-missing' : 'email'
  const name = at(columns.name)
  if (name.length > MAX_NAME) return 'name-long'
  if (NOT_IN_NAMES.test(name)) return 'name'
  const evidence = [at(columns.source), at(columns.time), at(columns.wording), at(columns.policy)] as const
  const collectedAt = readEvidence(evidence)
  if (typeof collectedAt === 'string') return collectedAt
  const locale = pickLocale(facts.locales, undefined, at(columns.locale) || undefined)
  const policy = policyOf(facts, at(columns.policy) || String(settings.policyNumber), locale)
  if (!policy) return 'policy'
  const shown = shownIn(facts, topicsOf(at(columns.topic), settings.topicSlugs), evidence[2], locale)
  if (typeof shown === 'string') return shown
  return {
    address: address.canonical,
    name: name || null,
    locale,
    shown,
    policy: { policyVersionId: policy.id, policyNumber: policy.number, policyHash: policy.hash },
    proof: { kind: 'IMPORT', source: sha256(JSON.stringify(evidence)).toString('hex'), collectedAt },
    evidence: { import: importId, row, locale },
  }
}

/** When it was collected, or what of the evidence is missing or cannot be read. */
function readEvidence([source, time, wording]: readonly [string, string, string, string]): Date | RowReason {
  if (source === '') return 'source-missing'
  if (time === '') return 'time-missing'
  if (wording === '') return 'wording-missing'
  if (wording.length > MAX_WORDING || NOT_IN_TEXT.test(wording + source)) return 'wording'
  // ISO 8601, or as databases write it; without a zone it is UTC.
  const iso = DateTime.fromISO(time.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, '$1T'), { zone: 'utc' })
  const isWhole = iso.isValid && /^\d{4}-\d\d-\d\d/.test(time)
  return isWhole ? iso.toJSDate() : 'time'
}

const topicsOf = (field: string, otherwise: readonly string[]): readonly string[] =>
  field === '' ? otherwise : field.split(/[\s,;]+/).filter(Boolean)

/** For each topic the words the row gives: of one of its versions, or as they are, by their own hash. */
function shownIn(
  { topics }: ImportFacts,
  slugs: readonly string[],
  wording: string,
  locale: string,
): ImportedYes['shown'] | RowReason {
  if (slugs.length === 0) return 'topic-missing'
  const shown: ImportedYes['shown'][number][] = []
  for (const slug of new Set(slugs)) {
    const topic = topics.get(slug)
    const current = topic?.words.find(words => words.locale === locale) ?? topic?.words[0]
    if (!topic || !current) return 'topic'
    const match = topic.words.find(words => isWordingOf(words, wording))
    if (!match && SHA256_HEX.test(wording)) return 'wording'
    const wordingHash = match?.wordingHash ?? sha256(wording)
    shown.push({ purposeId: topic.purposeId, purposeVersionId: (match ?? current).id, wordingHash })
  }
  return shown
}

/** The words themselves, or their hash in hex. */
const isWordingOf = ({ description, wordingHash }: PurposeVersion, wording: string): boolean =>
  wording === description || wording.toLowerCase() === wordingHash.toString('hex')

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
