// Links to other sites say so in words, to every reader: "(external: host)" (promise P12; standards P5). Words and no sign
// alone: a screen reader says them, and they stay when pictures and styles do not.
import sanitizeHtml from 'sanitize-html'
import { message } from '../messages'
import { escapeHtml } from './escape-html'
import { CONDITIONAL_MARKS } from './render-check'
import { tagsNamed } from './slots'
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
 * HTML with every link to another site marked, inside the link. `attributes` are those of the mark's own element. The
 * target learns neither where its reader came from nor gets a hold of the page. Linear; same input, same bytes (X5).
 */
export function markLinks(html: string, { ownHosts, locale }: LinkMarks, attributes: string): string {
  let marked = ''
  let from = 0
  let mark = ''
  for (const { start, end, isClosing } of tagsNamed(html, 'a')) {
    // Where the one before was not closed this one closes it: there is no link inside a link.
    marked += html.slice(from, start) + mark
    mark = ''
    from = start
    if (isClosing) continue
    const tag = html.slice(start, end)
    const { href, rel } = attributesOf(tag)
    const host = href === undefined ? undefined : externalHost(href, ownHosts)
    if (host === undefined) continue
    marked += rel === undefined ? tag.replace(/^<a/i, '$& rel="nofollow noopener noreferrer"') : tag
    from = end
    mark = ` <span ${attributes}>${escapeHtml(externalMark(locale, host))}</span>`
  }
  return marked + html.slice(from)
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

/** Every link to another site in HTML, as a parser reads the document and not as `markLinks` did: the check of it. */
export function externalLinks(html: string, { ownHosts, locale }: LinkMarks): ExternalLink[] {
  const found: ExternalLink[] = []
  const hostOf = ({ href }: Record<string, string>) =>
    href === undefined ? undefined : externalHost(href, ownHosts)
  sanitizeHtml(html.replace(CONDITIONAL_MARKS, ''), {
    ...EVERYTHING,
    onOpenTag(_, attributes) {
      const host = hostOf(attributes)
      if (host !== undefined) found.push({ host, isMarked: false })
    },
    exclusiveFilter({ attribs, text }) {
      const host = hostOf(attribs)
      const link = found.findLast(one => one.host === host && !one.isMarked)
      if (link) link.isMarked = text.includes(externalMark(locale, link.host))
      return false
    },
  })
  return found
}

/** An address as mail programs make links of it, with merge tags in it. */
const ADDRESS =
  /(?:https?:[\\/]{2}|\bwww\.)(?:\{\{[^{}]*\}\}|[^\s<>"{}])*(?:\{\{[^{}]*\}\}|[^\s<>"{}.,;:!?'()\]])\)?/
/** Part of the match, so that what it says is not taken for another address. */
const markPattern = (locale: string) => `( \\(${message(locale, 'link.external')}(?:: [^\\s()]*)?\\))?`
const addressesAndMarks = (locale: string) => new RegExp(`(${ADDRESS.source})${markPattern(locale)}`, 'gi')

function hostOfAddress(address: string, ownHosts: readonly string[]): string | undefined {
  const href = address.replace(/\)$/, '')
  return externalHost(/^www\./i.test(href) ? `http://${href}` : href, ownHosts)
}

/** Plain text with every address of another site marked behind it. What is marked already stays as it is. */
export const markText = (text: string, { ownHosts, locale }: LinkMarks): string =>
  text.replace(addressesAndMarks(locale), (whole: string, address: string, mark = '') => {
    const host = hostOfAddress(address, ownHosts)
    const own = host === undefined ? mark : ` ${externalMark(locale, host)}`
    return own === mark ? whole : `${address}${own}${mark}`
  })

/** Every address of another site in plain text. */
export const externalAddresses = (text: string, { ownHosts, locale }: LinkMarks): ExternalLink[] =>
  [...text.matchAll(addressesAndMarks(locale))].flatMap(([, address = '', mark = '']) => {
    const host = hostOfAddress(address, ownHosts)
    return host === undefined ? [] : [{ host, isMarked: mark === ` ${externalMark(locale, host)}` }]
  })
