// Merge tags: `{{tag}}` or `{{tag|fallback}}` from one allow-list. No expressions, no template engine (DESIGN §5.2).

/** Everything an author may write between the braces. */
export const TAGS = ['name', 'site', 'topic', 'unsubscribe_url', 'preferences_url'] as const
export type Tag = (typeof TAGS)[number]

/** The values that are the same for every reader of a newsletter. */
export interface FixedValues {
  site?: string
  topic?: string
}

/** The values that are one reader's own. The links are never optional (standards.md U1). */
export interface ReaderValues {
  name?: string
  unsubscribe_url: string
  preferences_url: string
}

/** The values of one message. */
export type TagValues = FixedValues & ReaderValues

export interface TagMatch {
  tag: Tag
  fallback: string
  start: number
  end: number
}

// Braces never nest, so the pattern is linear. The fallback is the author's own text, taken as written.
const BRACES = /\{\{([^{}|]*)(?:\|([^{}]*))?\}\}/g
// C0, C1, DEL, U+2028/9: no value may start a new line or reach a terminal as a command (H3).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
// Bidirectional controls would reorder the author's text after the value.
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/
const MAX_REPORTED = 60

/** Tags that are a whole address of their own. */
export const isLinkTag = (tag: Tag): boolean => tag === 'unsubscribe_url' || tag === 'preferences_url'

const isTag = (name: string): name is Tag => (TAGS as readonly string[]).includes(name)

/** Every allowed tag in the text, in order. */
export function findTags(text: string): TagMatch[] {
  const found: TagMatch[] = []
  for (const match of text.matchAll(BRACES)) {
    const tag = (match[1] ?? '').trim()
    if (!isTag(tag)) continue
    found.push({ tag, fallback: match[2] ?? '', start: match.index, end: match.index + match[0].length })
  }
  return found
}

/** What stands between braces and is no tag; such text stays literal in the mail. Sorted, each once. */
export function unknownTags(...texts: string[]): string[] {
  const names = texts
    .flatMap(text => [...text.matchAll(BRACES)])
    .map(match => (match[1] ?? '').trim().slice(0, MAX_REPORTED))
  return [...new Set(names.filter(name => !isTag(name)))].sort()
}

/** One line of well-formed text without control or bidirectional characters. */
export const cleanValue = (value: string): string =>
  PRINTABLE_ASCII.test(value)
    ? value
    : Buffer.from(value, 'utf8').toString('utf8').replace(CONTROLS, ' ').replace(BIDI, '')

/** The subject of one message. An unknown tag stays as the author wrote it; so does one without value or fallback: empty. */
export function fillHeader(subject: string, values: TagValues): string {
  let filled = ''
  let from = 0
  for (const { tag, fallback, start, end } of findTags(subject)) {
    filled += subject.slice(from, start) + (values[tag] || fallback)
    from = end
  }
  return cleanValue(filled + subject.slice(from)).trim()
}
