// What stands in which column, by the header.
import type { ImportSettings } from '../entities/import-job'
import { FileProblem, type FileReason } from './problem'

/** Positions in a row; undefined: there is no such column. */
export interface ReaderColumns {
  count: number
  email: number
  name: number | undefined
  locale: number | undefined
  topic: number | undefined
  source: number
  time: number
  wording: number
  policy: number | undefined
}

export interface SuppressionColumns {
  count: number
  email: number
  reason: number | undefined
}

const EMAIL = ['email', 'e-mail']
const NAME = ['name']
const LOCALE = ['locale', 'language']
const TOPIC = ['topic', 'topics']
const POLICY = ['policy_version']
const REASON = ['reason']

/** Nobody under age can be a reader, and of everybody else no date of birth may come here (I10, standards K2). */
const AGE =
  /(^|[^a-z])(age|alter|dob|minor|child|children|underage|jahrgang)([^a-z]|$)|birth|born|geburt|geboren/

/** Throws FileProblem when a column is missing or comes twice, or when one is about age. */
export function readerColumns(
  header: readonly string[],
  settings: ImportSettings & { kind: 'readers' },
): ReaderColumns {
  const find = finder(header)
  const [source = '', time = '', wording = '', policy] = settings.evidenceColumns
  const columns = {
    count: header.length,
    email: needed(find(EMAIL), 'email-column'),
    name: find(NAME),
    locale: find(LOCALE),
    topic: find(TOPIC),
    source: needed(find([source]), 'source-column'),
    time: needed(find([time]), 'time-column'),
    wording: needed(find([wording]), 'wording-column'),
    policy: policy === undefined ? find(POLICY) : needed(find([policy]), 'policy-column'),
  }
  if (settings.topicSlugs.length === 0) needed(columns.topic, 'topic-column')
  return columns
}

/** The same for a list of suppressed addresses. */
export function suppressionColumns(header: readonly string[]): SuppressionColumns {
  const find = finder(header)
  return { count: header.length, email: needed(find(EMAIL), 'email-column'), reason: find(REASON) }
}

function finder(header: readonly string[]): (names: readonly string[]) => number | undefined {
  const titles = header.map(plain)
  if (titles.some(title => AGE.test(title))) throw new FileProblem('age-column', 1)
  return names => {
    const wanted = names.map(plain)
    const found = titles.flatMap((title, index) => (title !== '' && wanted.includes(title) ? [index] : []))
    if (found.length > 1) throw new FileProblem('column-twice', 1)
    return found[0]
  }
}

const plain = (title: string): string => title.trim().toLowerCase()

function needed(index: number | undefined, reason: FileReason): number {
  if (index === undefined) throw new FileProblem(reason, 1)
  return index
}
