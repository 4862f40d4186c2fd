// The checklist: what stands between a draft and its schedule. The server decides; clients draw it.
import type { EntityManager } from 'typeorm'
import type { Newsletter } from '../entities/newsletter'
import type { NewsletterContent } from '../entities/newsletter-content'
import type { Rendered } from '../mail/render'
import { type MessageKey, message } from '../messages'
import { contentHash } from './content-hash'
import { renderContent, type SenderFacts, topicWords } from './preview'
import { isTooSilent } from './silence'
import { contentsOf } from './write'

export type CheckSeverity = 'BLOCKER' | 'WARNING' | 'INFO'

export interface ChecklistItem {
  key: string
  severity: CheckSeverity
  status: 'PASS' | 'FAIL'
  title: string
  detail: string | null
  /** Where to mend it, as an input path. */
  fixPath: string | null
}

export interface Checklist {
  ready: boolean
  items: ChecklistItem[]
  /** Names the content that was checked; scheduling sends it back. */
  contentHash: string
}

interface RenderedContent {
  content: NewsletterContent
  rendered: Rendered
}

/** Renders every locale and lists what blocks, what is worth a look, and what is fine, for a start at `at` (left out: now). */
export async function checkNewsletter(
  db: EntityManager,
  newsletter: Newsletter,
  facts: SenderFacts,
  locale: string,
  at?: Date,
): Promise<Checklist> {
  const contents = await contentsOf(db, newsletter.id)
  const rendered = await renderAll(db, newsletter.topicId, contents, facts)
  const items = [
    contentItem(contents, locale),
    await silenceItem(db, newsletter.topicId, locale, at),
    ...rendered.flatMap(one => itemsOf(one, locale)),
  ]
  return {
    ready: items.every(item => item.severity !== 'BLOCKER' || item.status === 'PASS'),
    items,
    contentHash: contentHash(newsletter, contents).toString('hex'),
  }
}

/** Every locale of a newsletter as it would be sent. */
export function renderAll(
  db: EntityManager,
  topicId: number,
  contents: readonly NewsletterContent[],
  facts: SenderFacts,
): Promise<RenderedContent[]> {
  return Promise.all(
    contents.map(async content => {
      const { words } = await topicWords(db, topicId, content.locale, facts.locales)
      return { content, rendered: await renderContent(facts, words.title, content) }
    }),
  )
}

type Judge = (one: RenderedContent) => string | null

const issuesText = (issues: Rendered['issues']): string | null =>
  issues.length === 0
    ? null
    : issues.map(issue => (issue.line ? `line ${issue.line}: ${issue.message}` : issue.message)).join('\n')

/** Each judge answers null when all is well, or what is wrong. */
const judges: readonly (readonly [key: MessageKey, severity: CheckSeverity, field: string, judge: Judge])[] =
  [
    [
      'check.subject',
      'BLOCKER',
      'subject',
      ({ content }) => (content.subject.trim() ? null : content.locale),
    ],
    ['check.mjml', 'BLOCKER', 'mjml', ({ rendered }) => issuesText(rendered.issues)],
    ['check.tags', 'BLOCKER', 'mjml', ({ rendered }) => rendered.unknownTags.join(', ') || null],
    ['check.text', 'BLOCKER', 'text', ({ rendered }) => (rendered.text.trim() ? null : '')],
    [
      'check.unsubscribe',
      'BLOCKER',
      'mjml',
      ({ rendered }) => (hasLink(rendered.html) && hasLink(rendered.text) ? null : ''),
    ],
    ['check.size', 'WARNING', 'mjml', ({ rendered }) => issuesText(rendered.warnings)],
    [
      'check.preheader',
      'INFO',
      'preheader',
      ({ content }) => (content.preheader?.trim() ? null : content.locale),
    ],
  ]

const hasLink = (part: string): boolean => part.includes('{{unsubscribe_url}}')

function itemsOf(one: RenderedContent, locale: string): ChecklistItem[] {
  return judges.map(([key, severity, field, judge]) => {
    const problem = judge(one)
    return {
      key: `${key.slice('check.'.length)}.${one.content.locale}`,
      severity,
      status: problem === null ? 'PASS' : 'FAIL',
      title: message(locale, key),
      detail: problem || null,
      fixPath: `contents.${one.content.locale}.${field}`,
    }
  })
}

/** standards O10: whoever has heard nothing for a year is asked first whether it is still wanted. */
const silenceItem = async (
  db: EntityManager,
  topicId: number,
  locale: string,
  at: Date | undefined,
): Promise<ChecklistItem> => ({
  key: 'silence',
  severity: 'BLOCKER',
  status: (await isTooSilent(db, topicId, at)) ? 'FAIL' : 'PASS',
  title: message(locale, 'check.silence'),
  detail: null,
  fixPath: null,
})

/** Without any content there is nothing the judges above could fail. */
const contentItem = (contents: readonly NewsletterContent[], locale: string): ChecklistItem => ({
  key: 'content',
  severity: 'BLOCKER',
  status: contents.length > 0 ? 'PASS' : 'FAIL',
  title: message(locale, 'check.subject'),
  detail: null,
  fixPath: 'contents',
})
