// The watchdog: a worker that has gone deaf (connected, but no job reaches it any more) ends, so that it is started anew.
import type { Cluster, Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import { noticeKinds } from '../entities/notice'
import type { WorkerContext } from './context'
import { UnderWay } from './under-way'

export interface Activity {
  during(work: () => Promise<void>): Promise<void>
  /** When this worker last had something to do, by performance.now(): now, while it has. */
  lastAt(): number
  /** Resolves when nothing is under way. */
  ended(): Promise<void>
}

/** Counts the jobs under way. One that takes long has time limits of its own: it is no reason to end. */
export function createActivity(): Activity {
  const underWay = new UnderWay()
  let lastAt = performance.now()
  return {
    during(work) {
      const one = work().finally(() => {
        lastAt = performance.now()
      })
      underWay.add(one)
      return one
    },
    lastAt: () => (underWay.size > 0 ? performance.now() : lastAt),
    ended: () => underWay.noneLeft(),
  }
}

const LOOKS = 6
const ANSWER_MS = 5_000

/**
 * Calls `onDeaf` once when for WATCHDOG_SECONDS (at least two leases, in which what a killed worker left is freed) this
 * worker had nothing to do although, at every look, MariaDB and Redis answered on connections of the watchdog's own and
 * there was due work that nobody anywhere had claimed. Returns the function that ends it.
 */
export function startWatchdog(
  { config, log }: WorkerContext,
  redis: Redis | Cluster,
  lastActiveAt: () => number,
  onDeaf: () => void,
): () => void {
  const windowMs = Math.max(config.watchdogMs, 2 * config.leaseMs)
  let idleLooks = 0
  let lookedAt = performance.now()
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    // A server that is away is no reason to end: sending pauses until it is back.
    const isLeftLying = await redis.ping().then(
      () => hasUnclaimedWork(config.databaseUrl).catch(() => false),
      () => false,
    )
    idleLooks = isLeftLying && lastActiveAt() < lookedAt ? idleLooks + 1 : 0
    lookedAt = performance.now()
    isLooking = false
    if (idleLooks <= LOOKS) return
    clearInterval(timer)
    log.fatal({ seconds: windowMs / 1000 }, 'no job reaches this worker although there is due work')
    onDeaf()
  }
  const timer = setInterval(() => void look(), windowMs / LOOKS)
  return () => clearInterval(timer)
}

const DUE = '(lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))'

/** Free ranges or due retries of a newsletter of which nobody holds any, or due notices of our kinds while nobody sends one. */
const unclaimedWork = `SELECT 1 FROM site s WHERE s.id = 1 AND s.held_at IS NULL AND (
  s.stopped_at IS NULL AND EXISTS (SELECT 1 FROM newsletter n WHERE n.status = 'SENDING' AND n.expanded_at IS NOT NULL
    AND (EXISTS (SELECT 1 FROM delivery_range g WHERE g.newsletter_id = n.id AND g.done_at IS NULL AND ${DUE})
      OR EXISTS (SELECT 1 FROM delivery_retry t WHERE t.newsletter_id = n.id AND t.due_at <= UTC_TIMESTAMP(3) AND ${DUE}))
    AND NOT EXISTS (SELECT 1 FROM delivery_range g WHERE g.newsletter_id = n.id AND g.lease_until > UTC_TIMESTAMP(3))
    AND NOT EXISTS (SELECT 1 FROM delivery_retry t WHERE t.newsletter_id = n.id AND t.lease_until > UTC_TIMESTAMP(3)))
  OR EXISTS (SELECT 1 FROM notice WHERE state = 'queued' AND kind IN (?) AND due_at <= UTC_TIMESTAMP(3) AND ${DUE})
    AND NOT EXISTS (SELECT 1 FROM notice WHERE state IN ('queued', 'sending') AND lease_until > UTC_TIMESTAMP(3)))`

async function hasUnclaimedWork(databaseUrl: string): Promise<boolean> {
  const db = await mysql.createConnection({ uri: databaseUrl, connectTimeout: ANSWER_MS })
  try {
    const [rows] = await db.query<mysql.RowDataPacket[]>({
      sql: unclaimedWork,
      values: [noticeKinds],
      timeout: ANSWER_MS,
    })
    return rows.length > 0
  } finally {
    db.destroy()
  }
}
