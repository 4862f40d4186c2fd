// Links to other sites say so in words, to every reader: "(external: host)" (promise P12; standards P5). Words and no sign
// alone: a screen reader says them, and they stay when pictures and styles do not.
import sanitizeHtml from 'sanitize-html'
import { message } from '../messages'
import { escapeHtml } from './escape-html'
import { CONDITIONAL_MARKS } from './render-check'
import { tagsNamed, textsOf } from './slots'
import { findTags, isLinkTag } from './tags'

/** Whose links are not marked, and in which language the others are. */
export interface LinkMarks {
  /** Host names of the site itself. */
  ownHosts: readonly string[]
  locale: string
}

/** Where a link without a host leads: to ourselves. */
const BASE = 'https://own.invalid/'
/** What a name or a number of the Internet consists of. */
const HOST = /^[\w.:[\]-]+$/
/** What is filled in behind this cannot change the host. */
const HOST_IS_CERTAIN = /^\s*(?:https?:[\\/]{2}[^\\/?#]+[\\/?#]|mailto:|tel:|#)/i

/**
 * The host a link leads to when it is not the site's own, in ASCII (RFC 5891: what only looks like another name does not
 * look like it there). Empty when a merge tag or a mistake leaves open which it is; undefined for the site's own links, and
 * for those to mailboxes and telephones.
 */
export function externalHost(href: string, ownHosts: readonly string[]): string | undefined {
  const [first] = findTags(href)
  if (first?.start === 0 && isLinkTag(first.tag)) return undefined
  const [head = ''] = href.split('{{')
  if (head !== href && !HOST_IS_CERTAIN.test(head)) return ''
  if (!URL.canParse(head, BASE)) return ''
  const { protocol, hostname } = new URL(head, BASE)
  const isWeb = protocol === 'https:' || protocol === 'http:'
  if (!isWeb || hostname === new URL(BASE).hostname || ownHosts.includes(hostname)) return undefined
  return HOST.test(hostname) ? hostname : ''
}

/** What is said about a link to that host. */
export function externalMark(locale: string, host: string): string {
  const word = message(locale, 'link.external')
  return host ? `(${word}: ${host})` : `(${word})`
}

/**
 * HTML with every link to another site marked, inside the link, and behind itself every address in the text, of which mail
 * programs make a link. `attributes` are those of a link's mark. The target learns neither where its reader came from nor
 * gets a hold of the page. Linear; same input, same bytes (X5).
 */
export function markLinks(html: string, marks: LinkMarks, attributes: string): string {
  const textMarked = textMarker(html, marks)
  let marked = ''
  let from = 0
  let mark = ''
  let isInLink = false
  for (const { start, end, isClosing } of tagsNamed(html, 'a')) {
    // Where the one before was not closed this one closes it: there is no link inside a link.
    marked += (isInLink ? html.slice(from, start) : textMarked(from, start)) + mark
    mark = ''
    from = start
    isInLink = false
    if (isClosing) continue
    const tag = html.slice(start, end)
    const { href, rel } = attributesOf(tag)
    isInLink = href !== undefined
    const host = href === undefined ? undefined : externalHost(href, marks.ownHosts)
    if (host === undefined) continue
    marked += rel === undefined ? tag.replace(/^<a/i, '$& rel="nofollow noopener noreferrer"') : tag
    from = end
    mark = ` <span ${attributes}>${escapeHtml(externalMark(marks.locale, host))}</span>`
  }
  return marked + (isInLink ? html.slice(from) : textMarked(from, html.length))
}

/** Stretches of the document, asked for from its beginning to its end, with the addresses in their text marked. */
function textMarker(html: string, marks: LinkMarks): (from: number, to: number) => string {
  const texts = textsOf(html)
  let next = 0
  return (from, to) => {
    let marked = ''
    let at = from
    for (let text = texts[next]; text && text.start < to; text = texts[++next]) {
      if (text.start < from) continue
      marked += html.slice(at, text.start) + markText(html.slice(text.start, text.end), marks, IN_HTML)
      at = text.end
    }
    return marked + html.slice(at, to)
  }
}

/** In a mail, where the link may be a picture in a cell without a font size. */
export const MAIL_MARK = 'style="font-size:13px;line-height:normal;font-weight:normal"'
export const PAGE_MARK = 'class="external"'

function attributesOf(tag: string): Record<string, string> {
  let found: Record<string, string> = {}
  sanitizeHtml(tag, {
    ...EVERYTHING,
    onOpenTag: (_, attributes) => {
      found = attributes
    },
  })
  return found
}

const EVERYTHING = {
  allowedTags: false,
  allowedAttributes: false,
  allowVulnerableTags: true,
  parseStyleAttributes: false,
} as const

/** A link to another site. */
export interface ExternalLink {
  host: string
  isMarked: boolean
}

/**
 * Every link to another site in HTML, and every address in its text, as a parser reads the document and not as `markLinks`
 * did: the check of it.
 */
export function externalLinks(html: string, marks: LinkMarks): ExternalLink[] {
  const { ownHosts, locale } = marks
  const found: ExternalLink[] = []
  const hostOf = ({ href }: Record<string, string>) =>
    href === undefined ? undefined : externalHost(href, ownHosts)
  /** For each <a> that is open, whether it is a link. */
  const open: boolean[] = []
  let text = ''
  const endText = () => {
    found.push(...externalAddresses(text, marks, IN_HTML))
    text = ''
  }
  sanitizeHtml(html.replace(CONDITIONAL_MARKS, ''), {
    ...EVERYTHING,
    onOpenTag(name, attributes) {
      endText()
      if (name === 'a') open.push(attributes.href !== undefined)
      const host = hostOf(attributes)
      if (host !== undefined) found.push({ host, isMarked: false })
    },
    onCloseTag(name) {
      endText()
      if (name === 'a') open.pop()
    },
    textFilter(part) {
      if (!open.includes(true)) text += part
      return part
    },
    exclusiveFilter({ attribs, text: inside }) {
      const host = hostOf(attribs)
      const link = found.findLast(one => one.host === host && !one.isMarked)
      if (link) link.isMarked = inside.includes(externalMark(locale, link.host))
      return false
    },
  })
  endText()
  return found
}

const START = /(?:https?:[\\/]{2}|\bwww\.)/.source
const TAG = /\{\{[^{}]*\}\}/.source
const INSIDE = /[^\s<>"{}&]/.source
const LAST = /[^\s<>"{}&.,;:!?'()\]]/.source
/** An address as mail programs make links of it, with merge tags in it. `amp`: what may stand in it for an ampersand. */
const addressPattern = (amp: RegExp): string =>
  `${START}(?:${TAG}|${amp.source}|${INSIDE})*(?:${TAG}|${LAST})\\)?`
const IN_TEXT = addressPattern(/&/)
/** Any other entity may be a blank: the address ends before it. */
const IN_HTML = addressPattern(/&amp;|&(?=[\w-]+=)/)
/** Part of the match, so that what it says is not taken for another address. */
const markPattern = (locale: string) => `( \\(${message(locale, 'link.external')}(?:: [^\\s()]*)?\\))?`
const addressesAndMarks = (locale: string, pattern: string) =>
  new RegExp(`(${pattern})${markPattern(locale)}`, 'gi')

function hostOfAddress(address: string, ownHosts: readonly string[]): string | undefined {
  const href = address.replace(/\)$/, '')
  return externalHost(/^www\./i.test(href) ? `http://${href}` : href, ownHosts)
}

/** Plain text with every address of another site marked behind it. What is marked already stays as it is. */
export const markText = (text: string, { ownHosts, locale }: LinkMarks, pattern = IN_TEXT): string =>
  text.replace(addressesAndMarks(locale, pattern), (whole: string, address: string, mark = '') => {
    const host = hostOfAddress(address, ownHosts)
    const own = host === undefined ? mark : ` ${externalMark(locale, host)}`
    return own === mark ? whole : `${address}${own}${mark}`
  })

/** Every address of another site in plain text. */
export const externalAddresses = (
  text: string,
  { ownHosts, locale }: LinkMarks,
  pattern = IN_TEXT,
): ExternalLink[] =>
  [...text.matchAll(addressesAndMarks(locale, pattern))].flatMap(([, address = '', mark = '']) => {
    const host = hostOfAddress(address, ownHosts)
    return host === undefined ? [] : [{ host, isMarked: mark === ` ${externalMark(locale, host)}` }]
  })
