// One run of the product: readers, a newsletter scheduled through the API, real workers, a sink; then judged.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { select } from '../../src/transaction'
import { makeNewsletter, scheduleNow } from '../support/actors'
import { checkRun, type Verdict } from './checker'
import { type Cost, costOf, type Moment, readMoment } from './counters'
import * as newsletter from './newsletter'
import { type Running, start } from './processes'
import { type Audience, makeAudience } from './readers'
import type { Sink } from './sinks'
import type { Site } from './site'
import { byDoor, byVerb, leaveOneByOne, type Withdrawn } from './withdrawals'

export interface SendPlan {
  readers: number
  sink: () => Promise<Sink>
  connections: number
  workers?: number
  workerEnv?: NodeJS.ProcessEnv
  nodeArgs?: readonly string[]
  /** `share` of the readers leave, one after the other. */
  withdrawals?: { share: number; perSecond: number; by: 'verb' | 'door' }
}

export interface Sent extends Verdict {
  /** From all rows being there to the last one settled, by the database's rows. */
  seconds: number
  /** Sent messages over these seconds. */
  rate: number
  /** Messages between the first and the last the sink completed; undefined without a log. */
  sinkRate: number | undefined
  cost: Cost
  withdrawn: readonly Withdrawn[]
}

/** Throws CheckFailed when a promise was broken, and an Error when the newsletter does not get to its end. */
export async function send(site: Site, plan: SendPlan): Promise<Sent> {
  const audience = await makeAudience(site, plan.readers)
  const { id: publicId } = await makeNewsletter(site.product, site.admin, audience.topicId, {
    subject: newsletter.subject,
    mjml: newsletter.mjml,
  })
  const sink = await plan.sink()
  const workers = await startWorkers(site, plan, sink)
  await sleep(STARTED_BEFORE_MS)
  const owner = await mysql.createConnection({ uri: site.servers.ownerUrl })
  try {
    await scheduleNow(site.product, site.admin, publicId)
    const measured = await measure(site, plan, { audience, publicId, workers, sink, owner })
    await Promise.all(workers.map(worker => worker.stop()))
    await sink.stop()
    const { newsletterId, withdrawn } = measured
    const verdict = await checkRun({ site, audience, newsletterId, sinkLog: sink.logFile, withdrawn })
    return result(measured, verdict)
  } finally {
    await Promise.all([...workers.map(worker => worker.stop()), sink.stop(), owner.end()])
  }
}

/** A worker is there before its newsletter: what it compiles by itself when it starts takes two seconds. */
const STARTED_BEFORE_MS = 3_000

let workerCount = 0

type WorkerPlan = Pick<SendPlan, 'connections' | 'workers' | 'workerEnv' | 'nodeArgs'>

export const startWorkers = (
  site: Site,
  plan: WorkerPlan,
  sink: Pick<Sink, 'host' | 'port'>,
): Promise<Running[]> =>
  Promise.all(
    Array.from({ length: plan.workers ?? 1 }, () =>
      start({
        command: 'nice',
        // As `npm run worker` does.
        args: [
          ...['-n', '2', process.execPath, '--max-semi-space-size=64'],
          ...(plan.nodeArgs ?? []),
          'dist/worker/main.js',
        ],
        env: {
          ...site.env,
          SMTP_URL: `smtp://${sink.host}:${sink.port}`,
          SMTP_CONNECTIONS: String(plan.connections),
          ...plan.workerEnv,
        },
        logFile: join(site.dir, `worker-${workerCount++}.log`),
        ready: 'worker started',
      }),
    ),
  )

interface Under {
  audience: Audience
  publicId: string
  workers: readonly Running[]
  sink: Sink
  owner: mysql.Connection
}

interface Measured {
  newsletterId: number
  withdrawn: readonly Withdrawn[]
  from: Moment
  to: Moment
  /** Milliseconds since 1970. */
  expandedAt: number
  settledAt: number
}

async function measure(site: Site, plan: SendPlan, under: Under): Promise<Measured> {
  const { servers, api } = site
  const pids = {
    worker: under.workers.map(worker => worker.pid),
    mariadb: [servers.mariadbPid],
    sink: under.sink.pid ? [under.sink.pid] : [],
    api: [api.pid],
  }
  const watched = { ownerUrl: servers.ownerUrl, pids }
  const { newsletterId, expandedAt } = await untilExpanded(site, under.publicId, patience(under))
  const from = await readMoment(under.owner, watched)
  let isOver = false
  const leaving = leaveDuring(site, plan, under.audience, newsletterId, () => isOver)
  leaving.catch(() => {}) // awaited below
  await untilSent(site, under.publicId, under.workers, patience(under))
  isOver = true
  const to = await readMoment(under.owner, watched)
  const [row] = await select<{ settled: Date }>(
    site.connections.db.manager,
    'SELECT MAX(at) AS settled FROM delivery WHERE newsletter_id = ?',
    [newsletterId],
  )
  const settledAt = row?.settled.getTime() ?? 0
  return { newsletterId, expandedAt, settledAt, from, to, withdrawn: await leaving }
}

function result({ expandedAt, settledAt, from, to, withdrawn }: Measured, verdict: Verdict): Sent {
  const { sent, accepted } = verdict
  const seconds = (settledAt - expandedAt) / 1000
  const sinkRate = accepted && sent / ((accepted.last - accepted.first) / 1000)
  return { ...verdict, seconds, rate: sent / seconds, sinkRate, cost: costOf(from, to, sent), withdrawn }
}

/** A run that takes longer than 20 ms a reader hangs. */
const patience = ({ audience }: Under): number => 120_000 + 20 * audience.count

/** Waits until all rows are there; throws when the newsletter stops before, or takes longer than that. */
export async function untilExpanded(
  site: Site,
  publicId: string,
  withinMs: number,
): Promise<{ newsletterId: number; expandedAt: number }> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(10)) {
    const row = await newsletterRow(site, publicId)
    if (row.expanded_at) return { newsletterId: row.id, expandedAt: row.expanded_at.getTime() }
    requireUnderWay(row)
  }
  throw new Error('The newsletter was not expanded in time')
}

/** Waits for the newsletter's end; throws when it stops for any reason, or takes longer than that. */
export async function untilSent(
  site: Site,
  publicId: string,
  workers: readonly Running[],
  withinMs: number,
): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(250)) {
    const row = await newsletterRow(site, publicId)
    if (row.status === 'SENT') return
    requireUnderWay(row)
    if (workers.some(worker => worker.hasEnded())) throw new Error('A worker ended')
  }
  throw new Error('The newsletter was never finished')
}

function requireUnderWay({ status, pause_reason, pause_detail }: NewsletterRow): void {
  if (status !== 'SCHEDULED' && status !== 'SENDING')
    throw new Error(`The newsletter is ${status}: ${pause_reason} ${pause_detail}`)
}

interface NewsletterRow {
  id: number
  status: string
  pause_reason: string | null
  pause_detail: string | null
  expanded_at: Date | null
}

export async function newsletterRow(site: Site, publicId: string): Promise<NewsletterRow> {
  const [row] = await select<NewsletterRow>(
    site.connections.db.manager,
    'SELECT id, status, pause_reason, pause_detail, expanded_at FROM newsletter WHERE public_id = ?',
    [publicId],
  )
  if (!row) throw new Error('The newsletter is gone')
  return row
}

async function leaveDuring(
  site: Site,
  { withdrawals }: SendPlan,
  { purposeId, count }: Audience,
  newsletterId: number,
  isOver: () => boolean,
): Promise<Withdrawn[]> {
  if (!withdrawals) return []
  const readers = await select<{ id: number }>(
    site.connections.db.manager,
    'SELECT reader_id AS id FROM consent WHERE purpose_id = ? ORDER BY RAND() LIMIT ?',
    [purposeId, Math.ceil(count * withdrawals.share)],
  )
  const ids = readers.map(({ id }) => id)
  const leave =
    withdrawals.by === 'door' ? await byDoor(site, newsletterId, ids) : byVerb(site, newsletterId, purposeId)
  return leaveOneByOne(ids, withdrawals.perSecond, leave, isOver)
}
