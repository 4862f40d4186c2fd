// Header lines: encoded, folded, and impossible to inject into (standards.md H2, H3).
import libmime from 'libmime'
import { isCanonical, parseAddress } from './address'

export type HeaderProblem =
  | 'CONTROL_CHARACTER'
  | 'TOO_LONG'
  | 'EMPTY'
  | 'BAD_ADDRESS'
  | 'BAD_DOMAIN'
  | 'BAD_URL'
  | 'BAD_TOKEN'
  | 'BAD_DATE'

/** A header that must not be written. Says which one and why, never the value (it may hold personal data). */
export class HeaderError extends Error {
  constructor(
    readonly header: string,
    readonly code: HeaderProblem,
  ) {
    super(`The ${header} header cannot be written: ${code}`)
    this.name = 'HeaderError'
  }
}

// C0, DEL, C1 (with U+0085), line and paragraph separators, bidirectional controls, lone surrogates.
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}]/u
// H2: Gmail takes more, nobody needs it.
const MAX_VALUE = 2048
const MAX_SHORT = 200
const ENCODED_WORD = 75
const LINE = 76
// RFC 5322 §3.2.3: what may stand unquoted in a display name, besides spaces.
const PHRASE = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/** Free text. Throws HeaderError for control or bidirectional characters, for nothing and for too much. */
export function headerText(header: string, value: string, max = MAX_VALUE): string {
  if (!PRINTABLE_ASCII.test(value) && FORBIDDEN.test(value))
    throw new HeaderError(header, 'CONTROL_CHARACTER')
  if (value.trim() === '') throw new HeaderError(header, 'EMPTY')
  if (value.length > max) throw new HeaderError(header, 'TOO_LONG')
  return value.trim()
}

export const shortText = (header: string, value: string): string => headerText(header, value, MAX_SHORT)

/** The name before an address or list id: a quoted string, or encoded words where ASCII is not enough. */
export function phrase(header: string, value: string): string {
  const text = shortText(header, value)
  if (PHRASE.test(text) && !text.includes('=?')) return text
  if (PRINTABLE_ASCII.test(text) && !text.includes('=?')) return `"${text.replace(/["\\]/g, '\\$&')}"`
  return libmime.encodeWord(text, 'Q', ENCODED_WORD)
}

/** Unstructured text (Subject): encoded words where needed, or throughout if the text looks like one itself. */
export function unstructured(header: string, value: string): string {
  const text = shortText(header, value)
  if (PRINTABLE_ASCII.test(text) && !text.includes('=?')) return text
  return text.includes('=?')
    ? libmime.encodeWord(text, 'Q', ENCODED_WORD)
    : libmime.encodeWords(text, 'Q', ENCODED_WORD)
}

/** A recipient; throws HeaderError unless it already is the canonical address (no re-parsing, H4). */
export function exactAddress(header: string, value: string): string {
  if (!isCanonical(value)) throw new HeaderError(header, 'BAD_ADDRESS')
  return value
}

/** An address from the configuration in canonical form: there an operator may write capitals. */
export function ownAddress(header: string, value: string): string {
  const address = parseAddress(value)
  if (!address) throw new HeaderError(header, 'BAD_ADDRESS')
  return address.canonical
}

/** RFC 5322 §3.3, in UTC, so that no server's time zone leaks. */
export function dateHeader(date: Date): string {
  const second = Math.floor(date.getTime() / 1000)
  if (Number.isNaN(second)) throw new HeaderError('Date', 'BAD_DATE')
  // Thousands of messages are composed in the same second.
  if (second !== written.second) written = { second, value: date.toUTCString().replace(/GMT$/, '+0000') }
  return written.value
}

let written = { second: Number.NaN, value: '' }

/** One folded line with CRLF. The value is checked again: this is the only writer of headers. */
export function headerLine(name: string, value: string): string {
  if (!PRINTABLE_ASCII.test(value)) throw new HeaderError(name, 'CONTROL_CHARACTER')
  if (name.length + value.length + 2 < LINE) return `${name}: ${value}\r\n`
  // A link or an id is one word: it can only move to a line of its own.
  if (!value.includes(' ')) return `${name}:\r\n ${value}\r\n`
  return `${libmime.foldLines(`${name}: ${value}`, LINE)}\r\n`
}
