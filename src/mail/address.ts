// The one address grammar of the product (standards.md H4–H6): what it accepts is what goes into RCPT, byte for byte.
import { domainToASCII, domainToUnicode } from 'node:url'

export interface Address {
  /** Stored, hashed and put into RCPT: ASCII, lower case, dots and +tags kept. */
  canonical: string
  /** For people: the local part as it was typed, the domain in its own script. */
  display: string
  /** The canonical part after the `@`, an A-label where the domain is international. */
  domain: string
}

// RFC 5321 §4.5.3.1 (octets) and RFC 3696 erratum 1690 (254 for the whole).
const MAX_LOCAL = 64
const MAX_DOMAIN = 255
const MAX_TOTAL = 254
// More than any spelling of a valid address needs; longer input is refused before any work on it.
const MAX_INPUT = 1000

// RFC 5322 §3.2.3 dot-atom. ASCII only: SMTPUTF8 is not offered yet.
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
// Only what a host name can be written with: the URL parser behind domainToASCII also takes %41, 0x7f.1 and [::1].
const DOMAIN_LETTERS = /^[\p{L}\p{M}\p{Nd}.-]+$/u
// What every canonical address looks like but those with A-labels or a last label that starts with a digit, which may
// be no valid name or a number. UTS #46 maps none of these characters.
const PLAIN =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const DIGITS = /^\d+$/

/** The address in its canonical and display forms, or undefined for everything outside the grammar. */
export function parseAddress(input: string): Address | undefined {
  if (input.length > MAX_INPUT) return undefined
  const text = trimSpaces(input)
  const at = text.indexOf('@')
  if (at < 1 || at !== text.lastIndexOf('@')) return undefined
  const local = text.slice(0, at)
  const domain = asciiDomain(text.slice(at + 1))
  if (!domain || local.length > MAX_LOCAL || !DOT_ATOM.test(local)) return undefined
  const canonical = `${local.toLowerCase()}@${domain}`
  if (canonical.length > MAX_TOTAL) return undefined
  return { canonical, display: `${local}@${domainToUnicode(domain) || domain}`, domain }
}

/** Whether the text is an address exactly as `parseAddress` would write it. */
export const isCanonical = (text: string): boolean =>
  (text.length <= MAX_TOTAL && text.indexOf('@') <= MAX_LOCAL && PLAIN.test(text)) ||
  parseAddress(text)?.canonical === text

/** `m•••@example.org`: enough for its owner to recognise it, too little for anyone else. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const [first = ''] = address.slice(0, Math.max(at, 0))
  return at < 0 ? '•••' : `${first}•••${address.slice(at)}`
}

const trimSpaces = (text: string): string => text.replace(/^ +/, '').replace(/ +$/, '')

/**
 * UTS #46 A-labels, or undefined. Characters that would only become others by compatibility mapping
 * (ligatures, full-width letters) are refused: the reader did not type the domain that would be mailed.
 */
function asciiDomain(typed: string): string | undefined {
  if (!DOMAIN_LETTERS.test(typed) || typed.normalize('NFKC') !== typed.normalize('NFC')) return undefined
  const domain = domainToASCII(typed)
  const labels = domain.split('.')
  const last = labels.at(-1) ?? ''
  if (domain.length > MAX_DOMAIN || labels.length < 2 || DIGITS.test(last)) return undefined
  return labels.every(label => LABEL.test(label)) ? domain : undefined
}
