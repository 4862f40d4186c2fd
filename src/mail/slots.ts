// Where merge tags stand in HTML, and how a value must be escaped there so that it can never change the structure.
import { findTags, isLinkTag, type TagMatch } from './tags'

/**
 * html: text or quoted attribute · url: a whole link address · component: part of a link address ·
 * text: plain text part · unsafe: a place no escaping makes safe (style, script, unquoted attribute, tag).
 */
export type SlotContext = 'html' | 'url' | 'component' | 'text'
export type Place = SlotContext | 'unsafe'

export interface HtmlTag extends TagMatch {
  place: Place
}

// Attributes that hold an address; the value of one is encoded as an address first.
const ADDRESS_ATTRIBUTES = new Set([
  'href',
  'src',
  'background',
  'action',
  'cite',
  'poster',
  'srcset',
  'data',
])
// Raw text elements: HTML escapes mean nothing in them.
const RAW = /^(?:style|script|xmp|iframe|noembed|noframes|plaintext|textarea)$/
const TAG_NAME = /[^\s/>]*/y
const ATTRIBUTE = /[\s/]*([^\s=>/]*)\s*(=\s*)?/y
const UNQUOTED = /[^\s>]*/y

type Span = { start: number; end: number; place: (tag: TagMatch) => Place }

/** Every allowed tag of an HTML document with the place it stands in. Linear in the length of the document. */
export function placeTags(html: string): HtmlTag[] {
  const spans = spansOf(html)
  let at = 0
  return findTags(html).map(tag => {
    while (spans[at] && (spans[at]?.end ?? 0) <= tag.start) at++
    const span = spans[at]
    const isInside = span !== undefined && span.start <= tag.start && tag.end <= span.end
    return { ...tag, place: isInside ? span.place(tag) : isInText(html, tag, spans, at) ? 'html' : 'unsafe' }
  })
}

/** Text, also when the fallback brings whole elements of its own (`{{name|<b>you</b>}}`). */
function isInText(html: string, tag: TagMatch, spans: Span[], from: number): boolean {
  // `<` before a value would make it the name of an element.
  if (html.charAt(tag.start - 1) === '<') return false
  for (let at = from; at < spans.length; at++) {
    const span = spans[at]
    if (!span || span.start >= tag.end) return true
    if (span.start <= tag.start || span.end > tag.end) return false
  }
  return true
}

/** The stretches that are not text: tags with their attribute values, comments, raw text. Ordered, not overlapping. */
function spansOf(html: string): Span[] {
  const spans: Span[] = []
  let at = html.indexOf('<')
  while (at >= 0) {
    at = html.indexOf('<', spanAt(html, at, spans))
  }
  return spans
}

/** The stretches that are text to a parser: no tag, comment or raw text. */
export function textsOf(html: string): { start: number; end: number }[] {
  const texts: { start: number; end: number }[] = []
  let at = 0
  for (const { start, end } of [...spansOf(html), { start: html.length, end: html.length }]) {
    if (start > at) texts.push({ start: at, end: start })
    at = end
  }
  return texts
}

/** The tags of one element, in order, as a parser sees them; those inside Outlook's conditional comments too. */
export function tagsNamed(html: string, name: string): { start: number; end: number; isClosing: boolean }[] {
  const found: { start: number; end: number; isClosing: boolean }[] = []
  const tag = new RegExp(`</?${name}(?=[\\s/>])`, 'iy')
  for (let at = html.indexOf('<'); at >= 0; ) {
    const end = spanAt(html, at, [])
    tag.lastIndex = at
    if (tag.test(html)) found.push({ start: at, end, isClosing: html.charAt(at + 1) === '/' })
    at = html.indexOf('<', end)
  }
  return found
}

function spanAt(html: string, at: number, spans: Span[]): number {
  // Outlook reads what stands inside its conditional comments, so only the marks themselves are skipped.
  if (html.startsWith('<!--', at) && !/^<!--(?:\[if|>|<!\[endif)/.test(html.slice(at, at + 14))) {
    const end = after(html, '-->', at)
    spans.push({ start: at, end, place: () => 'html' })
    return end
  }
  if (!/[a-z/!?]/i.test(html.charAt(at + 1))) return at + 1
  if (html.charAt(at + 1) === '!') {
    const end = after(html, '>', at)
    spans.push({ start: at, end, place: () => 'unsafe' })
    return end
  }
  return tagSpans(html, at, spans)
}

function tagSpans(html: string, start: number, spans: Span[]): number {
  const name = matchAt(TAG_NAME, html, start + 1)[0].toLowerCase()
  let at = start + 1 + name.length
  let open = start
  while (at < html.length && html.charAt(at) !== '>') {
    const [whole, attribute = '', equals] = matchAt(ATTRIBUTE, html, at)
    at += Math.max(whole.length, 1)
    if (!equals) continue
    const quote = html.charAt(at)
    if (quote !== '"' && quote !== "'") {
      at += matchAt(UNQUOTED, html, at)[0].length
      continue
    }
    const end = html.indexOf(quote, at + 1)
    if (end < 0) break
    spans.push({ start: open, end: at + 1, place: () => 'unsafe' })
    spans.push({ start: at + 1, end, place: attributePlace(attribute, at + 1) })
    open = end
    at = end + 1
  }
  const end = after(html, '>', at)
  spans.push({ start: open, end, place: () => 'unsafe' })
  return RAW.test(name) ? rawSpan(html, name, end, spans) : end
}

function matchAt(pattern: RegExp, text: string, at: number): [string, ...(string | undefined)[]] {
  pattern.lastIndex = at
  const [whole = '', ...groups] = pattern.exec(text) ?? []
  return [whole, ...groups]
}

function attributePlace(attribute: string, valueStart: number): (tag: TagMatch) => Place {
  const name = attribute.toLowerCase()
  if (name === 'style' || name.startsWith('on') || name === 'srcdoc') return () => 'unsafe'
  if (!ADDRESS_ATTRIBUTES.has(name)) return () => 'html'
  return tag => (isLinkTag(tag.tag) && tag.start === valueStart ? 'url' : 'component')
}

function rawSpan(html: string, name: string, start: number, spans: Span[]): number {
  const closing = new RegExp(`</${name}`, 'gi')
  closing.lastIndex = start
  const end = closing.exec(html)?.index ?? html.length
  spans.push({ start, end, place: () => 'unsafe' })
  return end
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from)
  return at < 0 ? html.length : at + mark.length
}
