// What a finished newsletter may contain (standards.md X1, X2): no code, no forms, no foreign resources that run or track.
import sanitizeHtml from 'sanitize-html'
import type { Issue } from './render-issue'
import { placeTags } from './slots'
import { isLinkTag } from './tags'

export interface Checked {
  html: string
  issues: Issue[]
  warnings: Issue[]
}

// Gmail cuts messages near 102 kB, and what it cuts is the unsubscribe link (X1).
const WARN_BYTES = 90_000
const MAX_BYTES = 100_000

const FORBIDDEN = new Set(
  'script form button select textarea iframe frame frameset object embed applet base link svg math audio video portal'.split(
    ' ',
  ),
)
// MJML's navbar, accordion and carousel work with these two; everything else is a form field.
const ALLOWED_INPUTS = new Set(['checkbox', 'radio'])
const URL_ATTRIBUTES = new Set([
  'href',
  'src',
  'background',
  'action',
  'formaction',
  'poster',
  'cite',
  'srcset',
  'data',
  'xlink:href',
])
const SCHEMES = new Set(['http', 'https', 'mailto', 'tel'])
const SCHEME = /^([a-z][a-z0-9+.-]*):/i
// Browsers skip these inside `java\tscript:`.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const IGNORED_IN_URLS = /[\u0000-\u0020\u007f-\u00a0]/g
const CODE_IN_CSS =
  /expression\s*\(|-moz-binding|behavior\s*:|url\(\s*["']?\s*(?:javascript|data|vbscript)\s*:/i
// Outlook reads inside these, so the check must too; they hide nothing from it once the marks are gone.
export const CONDITIONAL_MARKS = /<!--\[if[^\]]*\]>(?:<!-->)?|<!--<!\[endif\]-->|<!\[endif\]-->/g

/** The HTML without external fonts, and everything in it that may not be sent. `footerMark` must be in the visible content. */
export function checkHtml(rendered: string, footerMark: string): Checked {
  const { html, warnings } = withoutFonts(rendered)
  const issues: Issue[] = []
  let hasFooter = false
  sanitizeHtml(html.replace(CONDITIONAL_MARKS, ''), {
    allowedTags: false,
    allowedAttributes: false,
    allowVulnerableTags: true,
    parseStyleAttributes: false,
    onOpenTag(tag, attributes) {
      hasFooter ||= attributes['data-footer'] === footerMark
      issues.push(...elementIssues(tag, attributes))
      warnings.push(...linkWarnings(tag, attributes))
    },
  })
  if (!hasFooter)
    issues.push({ message: 'The unsubscribe link and postal address are hidden by the template' })
  if (CODE_IN_CSS.test(html))
    issues.push({ message: 'Styles may hold no code and no data: URL', tag: 'style' })
  const places = placeIssues(html)
  return {
    html,
    issues: unique([...issues, ...places.issues, ...sizeIssues(html, MAX_BYTES)]),
    warnings: unique([...warnings, ...places.warnings, ...sizeIssues(html, WARN_BYTES)]),
  }
}

function elementIssues(tag: string, attributes: Record<string, string>): Issue[] {
  const issues: Issue[] = []
  const isField = tag === 'input' && !ALLOWED_INPUTS.has((attributes.type ?? '').toLowerCase())
  const isRefresh = tag === 'meta' && /^\s*refresh/i.test(attributes['http-equiv'] ?? '')
  if (FORBIDDEN.has(tag) || isField || isRefresh)
    issues.push({ tag, message: `<${tag}> is not allowed in a mail` })
  for (const [name, value] of Object.entries(attributes)) {
    if (/^on/i.test(name)) issues.push({ tag, message: `The event handler ${name} is not allowed in a mail` })
    const scheme = URL_ATTRIBUTES.has(name) ? schemeOf(value) : undefined
    if (scheme && !SCHEMES.has(scheme))
      issues.push({ tag, message: `${scheme}: addresses are not allowed in a mail` })
  }
  return issues
}

const linkWarnings = (tag: string, { href, src }: Record<string, string>): Issue[] =>
  [href, src].some(url => url !== undefined && schemeOf(url) === 'http')
    ? [{ tag, message: 'An address is http, not https' }]
    : []

const schemeOf = (url: string): string | undefined =>
  SCHEME.exec(url.replace(IGNORED_IN_URLS, ''))?.[1]?.toLowerCase()

function placeIssues(html: string): { issues: Issue[]; warnings: Issue[] } {
  const issues: Issue[] = []
  const warnings: Issue[] = []
  for (const { tag, place } of placeTags(html)) {
    if (place === 'unsafe')
      issues.push({
        message: `{{${tag}}} may stand in text and in quoted attributes only, not in styles or tags`,
      })
    if (place === 'component')
      warnings.push({ message: `{{${tag}}} is part of a link address and goes to that site` })
    if (place === 'html' && isLinkTag(tag))
      warnings.push({ message: `{{${tag}}} belongs into the href of a link` })
  }
  return { issues, warnings }
}

const sizeIssues = (html: string, limit: number): Issue[] =>
  Buffer.byteLength(html) >= limit
    ? [{ message: `The HTML has ${Buffer.byteLength(html)} bytes; mail programs cut it above ${MAX_BYTES}` }]
    : []

/** A font from elsewhere tells its owner who reads: MJML's link and import for mj-font are taken out. */
function withoutFonts(rendered: string): { html: string; warnings: Issue[] } {
  const html = rendered
    .replace(/<link\s[^<>]*rel="stylesheet"[^<>]*>/gi, '')
    .replace(/@import\s+url\([^()<>]*\)\s*;?/gi, '')
  const isChanged = html !== rendered
  return {
    html,
    warnings: isChanged ? [{ tag: 'mj-font', message: 'Fonts from other sites are left out' }] : [],
  }
}

const unique = (issues: Issue[]): Issue[] => [
  ...new Map(issues.map(issue => [`${issue.tag} ${issue.message}`, issue])).values(),
]
