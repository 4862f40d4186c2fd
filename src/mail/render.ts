// A newsletter's MJML becomes HTML, text and a list of what is wrong with it: once per newsletter and locale, never per reader.
import { compile } from 'html-to-text'
import { externalLinks, type LinkMarks, MAIL_MARK, markLinks, markText } from './mark-links'
import { checkHtml } from './render-check'
import type { Issue } from './render-issue'
import { type Footer, footerText, prepareSource } from './render-source'
import { compileMjml } from './render-thread'
import { unknownTags } from './tags'

export interface NewsletterSource {
  mjml: string
  /** The author's text part; ignored when `textIsGenerated`. */
  text: string
  textIsGenerated: boolean
  subject: string
  preheader?: string
  /** BCP 47; becomes the lang of the HTML. */
  locale: string
  footer: Footer
  /** Host names of the site: links to all others are marked. */
  ownHosts: readonly string[]
}

export interface Rendered {
  /** Empty when the template did not compile. Merge tags are still in it. */
  html: string
  text: string
  subject: string
  preheader: string
  /** Not empty means: must not be sent. */
  issues: Issue[]
  /** Worth a look; may be sent. */
  warnings: Issue[]
  /** Sorted; they stay literal in the mail. The checklist decides what they mean. */
  unknownTags: string[]
  htmlBytes: number
}

export const MAX_MJML_BYTES = 200_000
// H2 and X6.
const MAX_SUBJECT = 200
const MAX_PREHEADER = 100
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** Same input, same bytes (X5). Never throws for what an author wrote: that is an issue. */
export async function renderNewsletter(source: NewsletterSource): Promise<Rendered> {
  const { issues, warnings } = lineIssues(source)
  const done = (html: string, text: string): Rendered => ({
    html,
    text,
    subject: source.subject.trim(),
    preheader: source.preheader?.trim() ?? '',
    issues,
    warnings,
    unknownTags: unknownTags(source.subject, source.preheader ?? '', html || source.mjml, text),
    htmlBytes: Buffer.byteLength(html),
  })
  if (Buffer.byteLength(source.mjml) > MAX_MJML_BYTES) {
    issues.push({ message: `The MJML has more than ${MAX_MJML_BYTES} bytes` })
    return { ...done('', ''), unknownTags: [] }
  }
  const prepared = prepareSource(source)
  const compiled = 'mjml' in prepared ? await compileMjml(prepared.mjml) : prepared
  if (!('html' in compiled) || !('footerMark' in prepared)) {
    issues.push(...('issues' in compiled ? compiled.issues : []))
    return done('', '')
  }
  const checked = checkHtml(markLinks(compiled.html, source, MAIL_MARK), prepared.footerMark)
  const broken = [...checked.issues, ...markIssues(checked.html, source)]
  issues.push(...broken)
  warnings.push(...checked.warnings)
  // What is too large to send is not worth the time a text version takes.
  return done(checked.html, broken.length > 0 ? '' : textPart(source, compiled.html))
}

function lineIssues({ subject, preheader = '' }: NewsletterSource): { issues: Issue[]; warnings: Issue[] } {
  const issues: Issue[] = []
  const warnings: Issue[] = []
  if (subject.trim() === '') issues.push({ message: 'The subject is empty' })
  if (subject.length > MAX_SUBJECT)
    issues.push({ message: `The subject has more than ${MAX_SUBJECT} characters` })
  if (CONTROLS.test(subject)) issues.push({ message: 'The subject holds control characters' })
  if (CONTROLS.test(preheader)) issues.push({ message: 'The preheader holds control characters' })
  const link = /\{\{\s*(unsubscribe_url|preferences_url)/.exec(subject + preheader)?.[1]
  if (link) issues.push({ message: `{{${link}}} belongs into the text, not into subject or preheader` })
  if (preheader.length > MAX_PREHEADER)
    warnings.push({ message: `The preheader has more than ${MAX_PREHEADER} characters` })
  return { issues, warnings }
}

const markIssues = (html: string, marks: LinkMarks): Issue[] =>
  externalLinks(html, marks)
    .filter(({ isMarked }) => !isMarked)
    .map(({ host }) => ({
      message: `A link to ${host || 'another site'} cannot be marked as external: it has to be an <a> with its end`,
    }))

/** Made from the HTML before its links were marked, which would say it twice. */
function textPart(source: NewsletterSource, html: string): string {
  const { text, textIsGenerated, footer } = source
  const own = textIsGenerated || text.trim() === '' ? textOf(html) : text.trim()
  return `${markText(own, source)}\n\n${footerText(footer)}`
}

/** Compiled once: that takes longer than an ordinary newsletter. */
const toText = compile({
  wordwrap: false,
  limits: { maxInputLength: 500_000, maxDepth: 200 },
  selectors: [
    {
      selector: 'a',
      options: { linkBrackets: ['(', ')'], hideLinkHrefIfSameAsText: true, noAnchorUrl: true },
    },
    { selector: 'img', format: 'skip' },
    { selector: '[data-footer]', format: 'skip' },
    { selector: 'div[style*="display:none"]', format: 'skip' },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'h2', options: { uppercase: false } },
    { selector: 'h3', options: { uppercase: false } },
  ],
})

/** Links keep their address, pictures and hidden text are left out; no wrapping, so that a tag stays on its line. */
const textOf = (html: string): string =>
  toText(html)
    .replace(/[ \t\u00a0]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
