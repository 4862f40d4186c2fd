// The pre-encoded body: quoted-printable is made once per newsletter and locale, only the values are encoded per reader.
import { createHash } from 'node:crypto'
import { encode, wrap } from 'libqp'
import { escapeHtml } from './escape-html'
import { placeTags, type SlotContext } from './slots'
import { cleanValue, findTags, type Tag, type TagValues } from './tags'

export interface Slot {
  slot: Tag
  context: SlotContext
  /** Author's text for a missing value: HTML source in an HTML place, plain text in the text part. */
  fallback: string
}

/** Plain JSON, so that it can be stored with the frozen newsletter. Strings are final bytes (ASCII, CRLF). */
export interface EncodedBody {
  boundary: string
  parts: (string | Slot)[]
}

// One less than RFC 2045 §6.7 (76) so that every line has room for the soft break at a slot.
const QP_LINE = 75
const SOFT_BREAK = '=\r\n'

/**
 * multipart/alternative, text first, HTML last (H12), cut at the merge tags. Same input, same bytes: the
 * boundary is a hash of the content, and starts with `=_`, which quoted-printable never contains.
 * Throws RangeError for a tag in a place no escaping makes safe; renderNewsletter reports those as issues.
 */
export function encodeBody(content: { text: string; html: string }): EncodedBody {
  const text = textPieces(content.text)
  const html = htmlPieces(content.html)
  return assemble(content, text, html)
}

/** The same for content without merge tags: braces are ordinary text (notices hold data of the reader). */
export const encodeFixedBody = (content: { text: string; html: string }): EncodedBody =>
  assemble(content, [content.text], [content.html])

/** The body of one message. Throws TypeError if the unsubscribe link is no http or https URL. */
export function fillBody(body: EncodedBody, values: TagValues): Buffer {
  let filled = ''
  for (const part of body.parts) {
    filled += typeof part === 'string' ? part : quotedPrintable(slotText(part, values)) + SOFT_BREAK
  }
  return Buffer.from(filled, 'latin1')
}

type Piece = string | Slot

function assemble(content: { text: string; html: string }, text: Piece[], html: Piece[]): EncodedBody {
  const hash = createHash('sha256').update(JSON.stringify([content.text, content.html]))
  const boundary = `=_${hash.digest('hex').slice(0, 32)}`
  const parts = [
    partHead(boundary, 'text/plain'),
    ...encodePieces(text),
    `\r\n${partHead(boundary, 'text/html')}`,
    ...encodePieces(html),
    `\r\n--${boundary}--\r\n`,
  ]
  return { boundary, parts: joinStrings(parts) }
}

const partHead = (boundary: string, type: string): string =>
  `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`

const textPieces = (text: string): Piece[] =>
  cut(
    text,
    findTags(text).map(tag => ({ ...tag, context: 'text' })),
  )

function htmlPieces(html: string): Piece[] {
  const places = placeTags(html).map(({ place, ...tag }) => {
    if (place === 'unsafe') throw new RangeError(`{{${tag.tag}}} stands in an unsafe place of the HTML`)
    return { ...tag, context: place }
  })
  return cut(html, places)
}

type Cut = { tag: Tag; fallback: string; start: number; end: number; context: SlotContext }

function cut(source: string, cuts: Cut[]): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { tag, fallback, start, end, context } of cuts) {
    pieces.push(source.slice(from, start), { slot: tag, context, fallback })
    from = end
  }
  return [...pieces, source.slice(from)]
}

/** Static pieces before a slot end in a soft break; the slot's own text adds one after itself. */
const encodePieces = (pieces: Piece[]): Piece[] =>
  pieces.map((piece, index) => {
    if (typeof piece !== 'string') return piece
    return quotedPrintable(piece) + (index < pieces.length - 1 ? SOFT_BREAK : '')
  })

function joinStrings(pieces: Piece[]): Piece[] {
  const joined: Piece[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece
    else joined.push(piece)
  }
  return joined
}

const quotedPrintable = (text: string): string => wrap(encode(text.replace(/\r\n|\r|\n/g, '\r\n')), QP_LINE)

function slotText({ slot, context, fallback }: Slot, values: TagValues): string {
  const value =
    slot === 'unsubscribe_url' ? httpAddress(values.unsubscribe_url) : cleanValue(values[slot] ?? '')
  if (value.trim() === '') return fallback
  switch (context) {
    case 'text':
      return value
    case 'html':
    case 'url':
      return escapeHtml(value)
    case 'component':
      return escapeHtml(encodeURIComponent(value))
  }
}

/** Only http and https can be followed by a one-click POST; anything else in a link address could run code. */
function httpAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new TypeError('The unsubscribe link is no http or https URL')
  return url.href
}
