// Looks up and formats every text of the product. One file per locale; the compiler keeps their keys equal.
import { IntlMessageFormat } from 'intl-messageformat'
import { german } from './messages.de'
import { english } from './messages.en'

export type MessageKey = keyof typeof english
export type MessageValues = Record<string, string | number | Date>

interface Catalogue {
  texts: Record<MessageKey, string>
  /** The tag dates, numbers and lists are formatted with. */
  formatLocale: string
}

const catalogues: Record<string, Catalogue> = {
  en: { texts: english, formatLocale: 'en-GB' },
  de: { texts: german, formatLocale: 'de-DE' },
}
const fallback: Catalogue = { texts: english, formatLocale: 'en-GB' }

// UTC, so that a notice composed again on another machine has the same bytes.
const formats = {
  date: { long: { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } },
} as const

/** The locales the product ships texts for, the default one first. */
export const shippedLocales: readonly string[] = Object.keys(catalogues)

const rightToLeft = new Set(['ar', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi'])

const formatters = new Map<string, IntlMessageFormat>()

/** The text of `key` in the nearest shipped locale, else in English. Values are put in as they are: escape on output. */
export function message(locale: string, key: MessageKey, values?: MessageValues): string {
  return String(formatterFor(locale, key).format(values))
}

/** Like `message`, but values may be anything (an element); they come back unchanged between the pieces of text. */
export function messageParts<T extends object>(
  locale: string,
  key: MessageKey,
  values: Record<string, string | number | Date | T>,
): (string | T)[] {
  const parts = formatterFor(locale, key).format<T>(values)
  return Array.isArray(parts) ? parts : [parts]
}

/** "Weekly, Jobs and Field Notes" in the reader's language. */
export function listInWords(locale: string, items: readonly string[]): string {
  return new Intl.ListFormat(catalogueFor(locale).formatLocale, { type: 'conjunction' }).format(items)
}

/** The writing direction of a locale. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.split('-')[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr'
}

/**
 * The best of `available` for a reader: `preferred` (from a link or profile) before the Accept-Language header,
 * the first one when nothing fits. Lookup as in RFC 4647 §3.4, weights as in RFC 9110 §12.5.4.
 */
export function pickLocale(
  available: readonly string[],
  acceptLanguage: string | undefined,
  preferred?: string,
): string {
  const ranges = [...(preferred ? [preferred] : []), ...rangesByWeight(acceptLanguage ?? '')]
  for (const range of ranges) {
    const found = lookUp(available, range)
    if (found) return found
  }
  return available[0] ?? 'en'
}

function formatterFor(locale: string, key: MessageKey): IntlMessageFormat {
  const { texts, formatLocale } = catalogueFor(locale)
  const cacheKey = `${formatLocale} ${key}`
  const cached = formatters.get(cacheKey)
  if (cached) return cached
  // ignoreTag: a "<" in a text is a "<", never markup.
  const formatter = new IntlMessageFormat(texts[key], formatLocale, formats, { ignoreTag: true })
  formatters.set(cacheKey, formatter)
  return formatter
}

function catalogueFor(locale: string): Catalogue {
  const found = lookUp(shippedLocales, locale)
  return (found && catalogues[found]) || fallback
}

function rangesByWeight(header: string): string[] {
  // A browser sends a few dozen characters; the rest of a hostile header is not worth the time (DESIGN I15).
  return header
    .slice(0, 500)
    .split(',')
    .map(part => {
      const [range = '', ...params] = part.split(';').map(piece => piece.trim())
      const weight = params.find(param => param.startsWith('q='))?.slice(2)
      return { range, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ range, weight }) => range !== '' && range !== '*' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range)
}

function lookUp(available: readonly string[], range: string): string | undefined {
  let subtags = range.slice(0, 100).toLowerCase().split('-')
  while (subtags.length > 0) {
    const wanted = subtags.join('-')
    const found = available.find(locale => locale.toLowerCase() === wanted)
    if (found) return found
    subtags = subtags.slice(0, -1)
    // RFC 4647 §3.4: a single-letter subtag goes together with the one after it.
    if (subtags.at(-1)?.length === 1) subtags = subtags.slice(0, -1)
  }
  return undefined
}
