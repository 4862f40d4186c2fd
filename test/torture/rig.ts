// The product under torture: servers of its own, readers, newsletters, worker processes, and everything written down.
import { setTimeout as sleep } from 'node:timers/promises'
import { select, write } from '../../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from '../support/actors'
import { type KnownReader, makeReaders } from '../support/bulk-readers'
import type { Call, Facts, MessageFact } from '../support/facts'
import { loadTables } from '../support/load-facts'
import { createRecorder, type Recorder } from '../support/message-facts'
import { type Product, startProduct } from '../support/product'
import { FAULTS } from '../support/smtp-sink'
import type { Leavers } from './leavers'
import { type Random, random } from './random'
import { Workers } from './workers'

export const LEASE_MS = 1000
/** A fault in a standstill tells nothing: there must have been this many messages since the last one. */
const PROGRESS = 5
const PROGRESS_WITHIN_MS = 3000

export interface RigOptions {
  seed: number
  connections: number
  readers: number
  /** Part of the readers whose address makes the SMTP server fail every other time. */
  faulty?: number
  /** Before each reply of the SMTP server. */
  delayMs?: number
  env?: NodeJS.ProcessEnv
}

export interface Issue {
  id: number
  publicId: string
  isPaused: boolean
}

export interface Rig {
  product: Product
  admin: Staff
  workers: Workers
  readers: KnownReader[]
  messages: MessageFact[]
  calls: Call[]
  issues: Issue[]
  recorder: Recorder
  options: RigOptions
  /** The API that readers use to leave, if not the product's own. */
  leaveAt?: string
  /** Where they do it, if not in this process. */
  leavers?: Leavers
  topic: { id: number; publicId: string }
  purposeId: number
  /** What went wrong meanwhile in what tries again by itself. */
  problems: unknown[]
  random(purpose: string): Random
  stop(): Promise<void>
}

/** Left out: the silent one, which takes as long as the longest SMTP timeout, and answers in the middle of a body. */
const PLAYED = FAULTS.filter(fault =>
  /^(?:421|450|451|550|552)-(?:rcpt|data|dot)$|^(?:reset|close|half|garbage)-(?:rcpt|after-dot)$/.test(fault),
)

export async function startRig(options: RigOptions): Promise<Rig> {
  const names = new Map<string, string | null>()
  const messages: MessageFact[] = []
  let recorder: Recorder | undefined
  const product = await startProduct({
    worker: false,
    sink: {
      delayMs: options.delayMs ?? 0,
      isAlternating: true,
      onMessage: message => void (recorder && messages.push(recorder.record(message))),
    },
    env: {
      LEASE_SECONDS: String(LEASE_MS / 1000),
      SMTP_CONNECTIONS: String(options.connections),
      ...options.env,
    },
  })
  recorder = createRecorder(product.connections.keyring, address => names.get(address))
  const admin = await makeStaff(product, 'ADMIN')
  const workers = new Workers(product.env)
  const topic = await makeWideTopic(product, admin)
  const dice = random(options.seed, 'readers')
  const faults = Array.from({ length: options.readers + 1 }, () =>
    dice.next() < (options.faulty ?? 0) ? dice.pick(PLAYED) : undefined,
  )
  const readers = await makeReaders(product, options.readers, {
    purposes: ['topic:torture', 'personalisation'],
    local: n => (faults[n] ? `${faults[n]}.t${n}` : `t${n}`),
    name: n => `Name-${n}-of-Torture`,
  })
  for (const { email, name } of readers) names.set(email, name)
  return {
    product,
    admin,
    workers,
    readers,
    messages,
    calls: [],
    issues: [],
    recorder,
    options,
    topic,
    purposeId: topic.purposeId,
    problems: [],
    random: purpose => random(options.seed, purpose),
    async stop() {
      await workers.stop()
      await product.stop()
    },
  }
}

/** The promise to readers is tested elsewhere; here it must not end the work. */
async function makeWideTopic(
  product: Product,
  admin: Staff,
): Promise<{ id: number; publicId: string; purposeId: number }> {
  await makeTopic(product, admin, 'torture')
  const { manager } = product.connections.db
  await write(manager, 'UPDATE topic SET max_issues = 60000')
  const [topic] = await select<{ id: number; publicId: string; purposeId: number }>(
    manager,
    'SELECT id, public_id AS publicId, purpose_id AS purposeId FROM topic',
  )
  if (!topic) throw new Error('There is no topic')
  return topic
}

/** One more newsletter for everybody, due now. */
export async function nextIssue(rig: Rig): Promise<Issue> {
  const { product, admin } = rig
  const db = product.connections.db.manager
  const { id: publicId } = await makeNewsletter(product, admin, rig.topic.publicId, {
    preheader: `Issue ${rig.issues.length + 1}`,
  })
  await scheduled(rig, publicId)
  const [row] = await select<{ id: number }>(db, 'SELECT id FROM newsletter WHERE public_id = ?', [publicId])
  const issue = { id: row?.id ?? 0, publicId, isPaused: false }
  rig.issues.push(issue)
  return issue
}

/** Somebody may leave between the count and the confirmation: what the editor saw is then out of date. */
async function scheduled({ product, admin }: Rig, publicId: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await scheduleNow(product, admin, publicId))
    } catch (error) {
      if (tries === 20 || !String(error).includes('AUDIENCE_CHANGED')) throw error
    }
  }
}

/** Brings forward what waits for its next attempt: nobody wants to wait 15 minutes. */
export const hurryRetries = (rig: Rig): Promise<number> =>
  write(
    rig.product.connections.db.manager,
    'UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE due_at > UTC_TIMESTAMP(3)',
  )

export async function openRanges(rig: Rig): Promise<number> {
  const [row] = await select<{ n: number }>(
    rig.product.connections.db.manager,
    `SELECT (SELECT COUNT(*) FROM delivery_range g JOIN newsletter n ON n.id = g.newsletter_id
       WHERE g.done_at IS NULL AND n.status = 'SENDING')
     + (SELECT COUNT(*) FROM newsletter WHERE status IN ('SCHEDULED', 'SENDING') AND expanded_at IS NULL) AS n`,
  )
  return Number(row?.n ?? 0)
}

/** With a healthy SMTP server and worker everything comes to its end; false if nothing moves any more before that. */
export async function settleAll(rig: Rig, quietSeconds = 30): Promise<boolean> {
  const db = rig.product.connections.db.manager
  rig.product.sink.heal()
  let last = ''
  let end = 0
  for (;;) {
    await hurryRetries(rig)
    const open = await select<{ id: number; status: string; open_rows: number }>(
      db,
      `SELECT n.id, n.status, SUM(d.status IN ('queued', 'sending')) AS open_rows FROM newsletter n
         LEFT JOIN delivery d ON d.newsletter_id = n.id
       WHERE n.finished_at IS NULL AND (n.started_at IS NOT NULL OR n.send_at IS NOT NULL) GROUP BY n.id`,
    )
    if (open.length === 0) return true
    const now = JSON.stringify([open, rig.messages.length])
    if (now !== last) end = Date.now() + quietSeconds * 1000
    if (Date.now() > end) return false
    last = now
    await sleep(200)
  }
}

/** All that is known of the run. */
export async function factsOf(rig: Rig): Promise<Facts> {
  return {
    messages: rig.messages,
    skeletons: rig.recorder.skeletons,
    calls: rig.calls,
    ...(await loadTables(rig.product, rig.readers)),
  }
}

/** Waits until messages are going out, but not for ever. */
export async function untilProgress({ messages }: Rig): Promise<void> {
  const before = messages.length
  for (const end = Date.now() + PROGRESS_WITHIN_MS; Date.now() < end; await sleep(5))
    if (messages.length - before >= PROGRESS) return
}
