// Judges every run: no figure counts unless each reader has exactly one account and the sink agrees with the rows.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { select } from '../../src/transaction'
import { type Audience, hashOf, idsByAddress } from './readers'
import type { Site } from './site'
import type { Withdrawn } from './withdrawals'

/** A run that broke a promise: its figures are worth nothing. */
export class CheckFailed extends Error {}

export interface Run {
  site: Site
  audience: Audience
  newsletterId: number
  /** Of a sink that logs each completed recipient; undefined: the rows alone are judged. */
  sinkLog: string | undefined
  withdrawn: readonly Withdrawn[]
}

export interface Verdict {
  sent: number
  skipped: number
  /** When the sink had the first and the last message; undefined without a log. */
  accepted: { first: number; last: number } | undefined
}

interface Row {
  status: string
  at: number
}

const FINAL = ['sent', 'failed', 'skipped', 'unknown', 'cancelled']

/** Throws CheckFailed naming every broken rule. */
export async function checkRun(run: Run): Promise<Verdict> {
  const rows = await rowsOf(run)
  const problems: string[] = []
  const rule = (count: number, what: string) => void (count > 0 && problems.push(`${count} ${what}`))
  rule(Math.abs(rows.size - run.audience.count), 'readers too many or too few have a row')
  rule(
    countRows(rows, row => !FINAL.includes(row.status)),
    'rows are still open',
  )
  rule(
    countRows(rows, row => row.status === 'failed' || row.status === 'unknown'),
    'rows failed or are unknown',
  )
  rule(
    countRows(rows, row => row.status === 'cancelled'),
    'rows are cancelled',
  )
  const left = new Set(run.withdrawn.map(({ readerId }) => readerId))
  rule(
    countRows(rows, (row, id) => row.status === 'skipped' && !left.has(id)),
    'readers skipped who had not left',
  )
  checkWithdrawals(run, rows, rule)
  const log = run.sinkLog === undefined ? undefined : await readLog(run, run.sinkLog)
  if (log) checkSink(log, rows, run, rule)
  if (problems.length > 0) throw new CheckFailed(problems.join('; '))
  const sent = countRows(rows, row => row.status === 'sent')
  return { sent, skipped: rows.size - sent, accepted: log && { first: log.first, last: log.last } }
}

type Rule = (count: number, what: string) => void

/** I4: after the answer no gate passes; a reader whose answer named nothing has it from before or not at all. */
function checkWithdrawals({ withdrawn }: Run, rows: Map<number, Row>, rule: Rule): void {
  const late = withdrawn.filter(({ readerId, isNamed, answeredAt }) => {
    const row = rows.get(readerId)
    return row?.status !== 'skipped' && !isNamed && (row?.at ?? 0) > answeredAt
  })
  rule(late.length, 'gates committed after the withdrawal had been answered')
}

function checkSink(log: SinkLog, rows: Map<number, Row>, { withdrawn }: Run, rule: Rule): void {
  rule(log.strangers, 'messages to addresses outside the audience')
  rule(log.twice, 'messages a second time')
  rule(
    countRows(rows, (row, id) => row.status === 'sent' && !log.at.has(id)),
    'rows say sent, the sink has nothing',
  )
  rule(
    countRows(rows, (row, id) => row.status !== 'sent' && log.at.has(id)),
    'messages arrived, the row is not sent',
  )
  const late = withdrawn.filter(({ readerId, isNamed, answeredAt }) => {
    const at = log.at.get(readerId)
    return !isNamed && at !== undefined && at > answeredAt
  })
  rule(late.length, 'messages arrived after a withdrawal that did not name them')
}

interface SinkLog {
  at: Map<number, number>
  first: number
  last: number
  strangers: number
  twice: number
}

async function readLog({ site, audience }: Run, file: string): Promise<SinkLog> {
  const ids = await idsByAddress(site, audience)
  const log: SinkLog = { at: new Map(), first: Number.POSITIVE_INFINITY, last: 0, strangers: 0, twice: 0 }
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [address = '', time] = line.split(' ')
    const id = ids.get(hashOf(site, address))
    const at = Number(time)
    log.first = Math.min(log.first, at)
    log.last = Math.max(log.last, at)
    if (id === undefined) log.strangers++
    else if (log.at.has(id)) log.twice++
    else log.at.set(id, at)
  }
  return log
}

async function rowsOf({ site, newsletterId }: Run): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>()
  const page = 50_000
  for (let last = 0; ; ) {
    const found = await select<{ reader_id: number; status: string; at: Date }>(
      site.connections.db.manager,
      'SELECT reader_id, status, at FROM delivery WHERE newsletter_id = ? AND reader_id > ? ORDER BY reader_id LIMIT ?',
      [newsletterId, last, page],
    )
    for (const { reader_id, status, at } of found) rows.set(reader_id, { status, at: at.getTime() })
    if (found.length < page) return rows
    last = found.at(-1)?.reader_id ?? 0
  }
}

function countRows(rows: Map<number, Row>, matches: (row: Row, id: number) => boolean): number {
  let count = 0
  for (const [id, row] of rows) if (matches(row, id)) count++
  return count
}
