// What happens to an author's MJML before it is compiled: its structure is checked and the system's parts are put in.
import { createHash } from 'node:crypto'
import { escapeHtml } from './escape-html'
import type { Issue } from './render-issue'

export interface Footer {
  /** Text of the link, in the newsletter's language. */
  unsubscribe: string
  /** Text of the link to the preferences. */
  preferences: string
  postalAddress: string
  /** Why the reader gets this mail (standards.md L1). */
  reason: string
  siteName: string
}

export interface Source {
  mjml: string
  subject: string
  preheader?: string
  locale: string
  footer: Footer
}

/** The MJML to compile, and the mark that proves afterwards that the footer is visible content of the result. */
export type Prepared = { issues: Issue[] } | { mjml: string; footerMark: string }

interface Element {
  name: string
  /** Of its `<`. */
  start: number
  /** After its `>`. */
  end: number
  isClosing: boolean
  isEmpty: boolean
}

const MJ_TAG = /<(\/?)(mj-[a-z-]+|mjml)(?=[\s/>])/gi

/**
 * Puts preheader, title, language and footer in. MJML's own parser accepts unclosed elements and drops what
 * follows them without a word, and drops includes likewise: both are issues here, with their line.
 */
export function prepareSource(source: Source): Prepared {
  const masked = maskComments(source.mjml)
  const { elements, issues } = scan(masked)
  if (issues.length === 0)
    issues.push(...structureIssues(masked, elements), ...includeIssues(masked, elements))
  const root = elements.find(({ name, isClosing }) => name === 'mjml' && !isClosing)
  const bodyEnd = elements.find(({ name, isClosing }) => name === 'mj-body' && isClosing)
  if (issues.length === 0 && (!root || !bodyEnd))
    issues.push({ message: 'An MJML document needs <mjml> with <mj-body> in it' })
  if (issues.length > 0 || !root || !bodyEnd) return { issues }

  const footerMark = createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 16)
  const insertions = [
    ...headInsertions(source, masked, elements, root),
    { at: bodyEnd.start, text: footerMjml(source.footer, footerMark) },
  ]
  return { mjml: insert(source.mjml, insertions), footerMark }
}

/** The same footer for the text part. */
export const footerText = ({ unsubscribe, preferences, postalAddress, reason, siteName }: Footer): string =>
  `————————————————\n${reason}\n${unsubscribe}: {{unsubscribe_url}}\n${preferences}: {{preferences_url}}\n${siteName} · ${postalAddress}\n`

const footerMjml = (
  { unsubscribe, preferences, postalAddress, reason, siteName }: Footer,
  mark: string,
): string =>
  '<mj-section background-color="#ffffff" padding="24px 0"><mj-column>' +
  '<mj-text align="center" color="#555555" font-family="Arial, Helvetica, sans-serif" font-size="14px" line-height="22px">' +
  `<div data-footer="${mark}">${escapeHtml(reason)}<br />` +
  `${footerLink('unsubscribe_url', unsubscribe)} · ${footerLink('preferences_url', preferences)}<br />` +
  `${escapeHtml(siteName)} · ${escapeHtml(postalAddress)}</div></mj-text></mj-column></mj-section>`

const footerLink = (tag: string, text: string): string =>
  `<a href="{{${tag}}}" style="color:#555555;text-decoration:underline">${escapeHtml(text)}</a>`

type Insertion = { at: number; text: string }

/** No line breaks in what is put in, so that MJML's line numbers stay the author's. */
function headInsertions(source: Source, masked: string, elements: Element[], root: Element): Insertion[] {
  const has = (name: string) => elements.some(element => element.name === name)
  const title = has('mj-title') ? '' : `<mj-title>${escapeHtml(source.subject)}</mj-title>`
  const isPreviewMissing = source.preheader && !has('mj-preview')
  const preview = isPreviewMissing ? `<mj-preview>${escapeHtml(source.preheader ?? '')}</mj-preview>` : ''
  const head = elements.find(({ name, isClosing }) => name === 'mj-head' && isClosing)
  const hasLanguage = /\slang\s*=/i.test(masked.slice(root.start, root.end))
  return [
    { at: root.start + '<mjml'.length, text: hasLanguage ? '' : ` lang="${escapeHtml(source.locale)}"` },
    head
      ? { at: head.start, text: title + preview }
      : { at: root.end, text: `<mj-head>${title}${preview}</mj-head>` },
  ]
}

function insert(text: string, insertions: Insertion[]): string {
  const ordered = [...insertions].sort((one, other) => one.at - other.at)
  const ends = ordered.map(({ at }, index) => text.slice(index === 0 ? 0 : ordered[index - 1]?.at, at))
  return ordered.map((one, index) => `${ends[index]}${one.text}`).join('') + text.slice(ordered.at(-1)?.at)
}

/** Comments and CDATA become blanks of the same length: positions and lines stay. */
const maskComments = (mjml: string): string =>
  mjml.replace(/<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)/g, text => text.replace(/[^\n]/g, ' '))

function scan(masked: string): { elements: Element[]; issues: Issue[] } {
  const elements: Element[] = []
  const tags = new RegExp(MJ_TAG)
  for (let match = tags.exec(masked); match; match = tags.exec(masked)) {
    const name = (match[2] ?? '').toLowerCase()
    const end = tagEnd(masked, match.index + match[0].length)
    if (end === undefined)
      return {
        elements,
        issues: [{ line: lineAt(masked, match.index), tag: name, message: `The tag ${name} has no end` }],
      }
    const isEmpty = masked.charAt(end - 2) === '/'
    elements.push({ name, start: match.index, end, isClosing: match[1] === '/', isEmpty })
    tags.lastIndex = end
  }
  return { elements, issues: [] }
}

function tagEnd(masked: string, from: number): number | undefined {
  let quote = ''
  for (let at = from; at < masked.length; at++) {
    const character = masked.charAt(at)
    if (quote) quote = character === quote ? '' : quote
    else if (character === '"' || character === "'") quote = character
    else if (character === '>') return at + 1
    else if (character === '<') return undefined
  }
  return undefined
}

function structureIssues(masked: string, elements: Element[]): Issue[] {
  const open: Element[] = []
  for (const element of elements) {
    if (element.isEmpty) continue
    if (!element.isClosing) open.push(element)
    else {
      const opened = open.pop()
      if (opened?.name !== element.name) return [unmatched(masked, opened, element)]
    }
  }
  const unclosed = open.pop()
  return unclosed ? [unmatched(masked, unclosed)] : []
}

function unmatched(masked: string, opened?: Element, closed?: Element): Issue {
  if (!opened) {
    const { name = '', start = 0 } = closed ?? {}
    return { line: lineAt(masked, start), tag: name, message: `</${name}> closes nothing` }
  }
  return { line: lineAt(masked, opened.start), tag: opened.name, message: `<${opened.name}> is not closed` }
}

const includeIssues = (masked: string, elements: Element[]): Issue[] =>
  elements
    .filter(({ name, isClosing }) => name === 'mj-include' && !isClosing)
    .map(({ start }) => ({
      line: lineAt(masked, start),
      tag: 'mj-include',
      message: 'mj-include is not allowed: a newsletter is complete in itself',
    }))

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length
