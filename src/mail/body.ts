// The pre-encoded body: quoted-printable is made once per newsletter and locale, only the values are encoded per reader.
import { createHash } from 'node:crypto'
import { encode, wrap } from 'libqp'
import { escapeHtml } from './escape-html'
import type { Part } from './parts'
import { placeTags, type SlotContext } from './slots'
import { HELD_BYTES } from './smtp-work'
import { cleanValue, type FixedValues, findTags, type ReaderValues, type Tag } from './tags'

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

// Three less than RFC 2045 §6.7 (76): every line has room for the soft break at a slot, and for a dot written as `=2E`.
const QP_LINE = 73
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
export function encodeFixedBody(content: { text: string; html: string }): {
  boundary: string
  text: string
} {
  const { boundary, parts } = assemble(content, [content.text], [content.html])
  return { boundary, text: parts.join('') }
}

interface PreparedSlot extends Slot {
  /** The fallback as final text. */
  missing: string
}

/** A body ready to be filled: `stretches` of final bytes, and between them `places`, each an index of `slots`. */
export interface PreparedBody {
  boundary: string
  stretches: readonly Part[]
  /** What follows the last stretch. */
  end: string
  places: readonly number[]
  /** Each different slot once: equal places of one message hold equal bytes. */
  slots: readonly PreparedSlot[]
}

/** Writes in what is the same for every reader: site and topic. Or for all those without a name: the text for a missing one, too. */
export function prepareBody(
  { boundary, parts }: EncodedBody,
  fixed: FixedValues,
  readers: 'all' | 'nameless' = 'all',
): PreparedBody {
  const slots = new Map<string, { index: number; slot: PreparedSlot }>()
  const places: number[] = []
  let stretch = ''
  const stretches: Part[] = []
  for (const part of parts) {
    if (typeof part === 'string') {
      stretch += part
      continue
    }
    const slot = { ...part, missing: encodedSlot(part.fallback) }
    if (slot.slot === 'site' || slot.slot === 'topic') {
      stretch += filledSlot(slot, fixed[slot.slot])
      continue
    }
    if (slot.slot === 'name' && readers === 'nameless') {
      stretch += slot.missing
      continue
    }
    const key = JSON.stringify([slot.slot, slot.context, slot.fallback])
    const known = slots.get(key) ?? { index: slots.size, slot }
    slots.set(key, known)
    places.push(known.index)
    stretches.push(finalPart(stretch))
    stretch = ''
  }
  // What is held back until the gate has passed leaves with the next envelope: as text, in one part with it.
  stretches.push(finalPart(stretch.slice(0, -HELD_BYTES)))
  return {
    boundary,
    stretches,
    end: stretch.slice(-HELD_BYTES),
    places,
    slots: [...slots.values()].map(({ slot }) => slot),
  }
}

/** Writing another part costs about as much as copying so many octets. */
const SHORT = 1024

const finalPart = (text: string): Part => (text.length > SHORT ? Buffer.from(text, 'latin1') : text)

/** The body of one message. Throws TypeError if the unsubscribe link is no http or https URL. */
export function fillBody({ stretches, end, places, slots }: PreparedBody, values: ReaderValues): Part[] {
  // Only http and https can be followed by a one-click POST; anything else in a link address could run code.
  if (!/^https?:\/\//.test(values.unsubscribe_url))
    throw new TypeError('The unsubscribe link is no http or https URL')
  const texts = slots.map(slot =>
    filledSlot(slot, slot.slot === 'name' ? values.name : values.unsubscribe_url),
  )
  const parts: Part[] = []
  stretches.forEach((stretch, at) => {
    parts.push(stretch)
    const place = places[at]
    if (place !== undefined) parts.push(texts[place] ?? '')
  })
  parts.push(end)
  return parts
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

// Written as it is by RFC 2045 §6.7: most names and links are.
const UNCHANGED = /^[!-,./-<>-~](?:[ -<>-~]*[!-<>-~])?$/

/** No line begins with a dot: SMTP has nothing to double, and no relay that forgets to undo it does harm. */
function quotedPrintable(text: string): string {
  const isUnchanged = UNCHANGED.test(text)
  if (isUnchanged && text.length <= QP_LINE && text[0] !== '.') return text
  const encoded = isUnchanged ? text : encode(text.replace(/\r\n|\r|\n/g, '\r\n'))
  return wrap(encoded, QP_LINE).replace(/^\./gm, '=2E')
}

const encodedSlot = (text: string): string => quotedPrintable(text) + SOFT_BREAK

function filledSlot({ context, missing }: PreparedSlot, value = ''): string {
  const text = cleanValue(value)
  if (text.trim() === '') return missing
  switch (context) {
    case 'text':
      return encodedSlot(text)
    case 'html':
    case 'url':
      return encodedSlot(escapeHtml(text))
    case 'component':
      return encodedSlot(escapeHtml(encodeURIComponent(text)))
  }
}
