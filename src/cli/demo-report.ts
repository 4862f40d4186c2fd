// What the terminal shows at the end.
import type { EntityManager } from 'typeorm'
import { ownOrigin } from '../api/own-origin'
import type { Config } from '../config'
import { type MessageKey, message } from '../messages'
import { select } from '../transaction'
import type { Check } from './demo-checks'
import { type Progress, skippedCount } from './demo-progress'
import type { SentNewsletter } from './demo-send'

export interface Checked {
  title: string
  check: Check
}

const LABEL = 40
const COLUMN = 9

/** A column for each newsletter; every reader of its audience is in exactly one of the figures. */
export async function printFigures(db: EntityManager, newsletters: readonly SentNewsletter[]): Promise<void> {
  const figures = newsletters.map(newsletter => newsletter.progress)
  const columns = (of: (progress: Progress) => number) => figures.map(one => of(one).toLocaleString('en'))
  const titles = newsletters.map(({ title }) => title.split(', '))
  console.log('')
  for (const part of [0, 1])
    line(
      '',
      titles.map(title => title[part] ?? ''),
    )
  for (const state of ['sent', 'failed', 'unknown', 'cancelled'] as const)
    line(
      state,
      columns(progress => progress[state]),
    )
  line('skipped', columns(skippedCount))
  for (const reason of reasonsOf(figures))
    line(
      `  ${message('en', `skip.${reason}` as MessageKey)}`,
      columns(progress => countOf(progress, reason)),
      reason,
    )
  line(
    'total = audience',
    columns(progress => progress.total),
  )
  line('messages a second, measured', await Promise.all(newsletters.map(({ id }) => rate(db, id))))
}

const line = (label: string, cells: readonly string[], note = ''): void =>
  console.log(
    `  ${label.padEnd(LABEL)}${cells.map(cell => cell.padStart(COLUMN)).join('')}   ${note}`.trimEnd(),
  )

const countOf = (progress: Progress, reason: string): number =>
  progress.skipped.find(one => one.reason === reason)?.count ?? 0

/** The most frequent first. */
function reasonsOf(figures: readonly Progress[]): string[] {
  const sum = (reason: string) => figures.reduce((total, progress) => total + countOf(progress, reason), 0)
  const reasons = new Set(figures.flatMap(progress => progress.skipped.map(one => one.reason)))
  return [...reasons].sort((a, b) => sum(b) - sum(a))
}

/** Between the first and the last accepted message. */
async function rate(db: EntityManager, publicId: string): Promise<string> {
  const [row] = await select<{ count: number; ms: number | null }>(
    db,
    `SELECT COUNT(*) AS count, TIMESTAMPDIFF(MICROSECOND, MIN(d.at), MAX(d.at)) / 1000 AS ms
     FROM delivery d JOIN newsletter n ON n.id = d.newsletter_id WHERE n.public_id = ? AND d.status = 'sent'`,
    [publicId],
  )
  const ms = Number(row?.ms ?? 0)
  return ms === 0 ? '–' : Math.round((Number(row?.count) / ms) * 1000).toLocaleString('en')
}

/** One line a rule, with the figures of all newsletters; true when every one holds. */
export function printChecks(checked: readonly Checked[]): boolean {
  console.log('\nChecked against the consent events and the mailbox')
  for (const rule of new Set(checked.map(one => one.check.rule))) {
    const same = checked.filter(one => one.check.rule === rule)
    const figures = same.map(one => one.check.figure.toLocaleString('en')).join(' + ')
    const broken = same.filter(one => !one.check.holds)
    console.log(`  ${broken.length === 0 ? '✓' : '✗ NOT TRUE:'} ${rule.replace('{n}', figures)}`)
    for (const { title, check } of broken) console.log(`      ${title}: ${check.found}`)
  }
  return checked.every(one => one.check.holds)
}

/** Where to go on by hand. */
export function printUrls(
  config: Config,
  more: readonly (readonly [label: string, value: string])[] = [],
): void {
  const api = ownOrigin(config)
  const urls = [
    ...more,
    ['Mailbox', config.mailboxUrl ?? ''],
    ['Subscribe page', `${api}/subscribe`],
    ['API, public (GraphiQL)', `${api}/graphql`],
    ['API, staff (GraphiQL)', `${api}/graphql/staff`],
  ] as const
  console.log('\nLook around, as long as it runs')
  for (const [label, value] of urls) console.log(`  ${label.padEnd(25)}${value}`)
}
