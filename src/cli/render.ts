import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { renderNewsletter } from '../mail/render'
import type { Issue } from '../mail/render-issue'
import { message } from '../messages'
import { Problem } from './problem'

const SITE = 'Your site'
const BRACES = /\{\{([^{}|]*)/g

/** Prints what would be sent, with a placeholder footer; what is wrong goes to standard error, line by line, and ends with 1. */
export async function renderCommand(
  file: string,
  options: { locale: string; html?: boolean; text?: boolean },
): Promise<void> {
  if (options.html && options.text) throw new Problem('Say --html or --text, not both.')
  const mjml = read(file)
  const { locale } = options
  const rendered = await renderNewsletter({
    mjml,
    text: '',
    textIsGenerated: true,
    subject: titleOf(mjml) ?? basename(file),
    locale,
    ownHosts: [],
    footer: {
      unsubscribe: message(locale, 'footer.unsubscribe'),
      preferences: message(locale, 'footer.preferences'),
      postalAddress: 'Your postal address',
      reason: message(locale, 'footer.reason', { topic: 'Your topic', site: SITE }),
      siteName: SITE,
    },
  })
  const issues = [...rendered.issues, ...rendered.unknownTags.map(tag => unknownTag(mjml, tag))]
  for (const issue of issues) console.error(line(file, 'error', issue))
  for (const warning of rendered.warnings) console.error(line(file, 'warning', warning))
  if (issues.length > 0) process.exitCode = 1
  else process.stdout.write(`${options.text ? rendered.text : rendered.html}\n`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Problem(`${file} cannot be read: ${(error as Error).message}`)
  }
}

const titleOf = (mjml: string): string | undefined =>
  /<mj-title>\s*([^<]+?)\s*<\/mj-title>/.exec(mjml)?.[1]?.replace(/\s+/g, ' ')

/** Scheduling refuses it too: in the mail it would stay as it is. */
function unknownTag(mjml: string, tag: string): Issue {
  const isThere = (text: string) => [...text.matchAll(BRACES)].some(match => match[1]?.trim() === tag)
  const index = mjml.split('\n').findIndex(isThere)
  const issue = { message: `{{${tag}}} is not a merge tag` }
  return index < 0 ? issue : { line: index + 1, ...issue }
}

const line = (file: string, kind: string, issue: Issue): string =>
  `${file}${issue.line ? `:${issue.line}` : ''}: ${kind}: ${issue.message}`
