// Counting people without knowing them (standards C8): who was there today is told by a hash under a salt that is gone at
// midnight, in Redis alone; what stays is a number.
import { createHmac, randomBytes } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { EntityManager } from 'typeorm'
import type { StatMetric } from '../entities/stat-cell'
import { select, write } from '../transaction'

export interface Seen {
  metric: StatMetric
  label: string
}

/** Of one visitor: what tells today's visitors apart, from the request, used for this and dropped. */
export interface Fingerprint {
  address: string
  userAgent: string
}

/** An address, a number that could stand for somebody, a token: a pattern for JavaScript and SQL alike. */
export const NAMES_SOMEBODY = '@|[0-9a-f]{16}|[0-9]{7}|[a-z2-7]{53}'

const MAX_CELLS = 500
const DAY_MS = 86_400_000

/** Counts the visitor in each of these cells, once a day. While Redis is away nobody is counted. */
export async function countVisitor(
  { redis, db }: { redis: Redis | Cluster; db: EntityManager },
  { address, userAgent }: Fingerprint,
  seen: readonly Seen[],
  now = new Date(),
): Promise<void> {
  if (redis.status !== 'ready') return
  const day = now.toISOString().slice(0, 10)
  const ends = Math.ceil((Date.parse(day) + DAY_MS - now.getTime()) / 1000)
  const salt = await saltOf(redis, day, ends)
  const visitor = createHmac('sha256', salt)
    .update(`${address}\0${userAgent}`)
    .digest('base64url')
    .slice(0, 16)
  for (const { metric, label } of seen) {
    const key = `stat:${day}:${metric}:${label}`
    const isNew = (await redis.sadd(key, visitor)) === 1
    await redis.expire(key, ends)
    if (isNew) await addOne(db, day, { metric, label })
  }
}

async function saltOf(redis: Redis | Cluster, day: string, ends: number): Promise<string> {
  const key = `stat-salt:${day}`
  await redis.set(key, randomBytes(32).toString('base64url'), 'EX', ends, 'NX')
  // Gone at this very moment: then nobody will be told apart by this one.
  return (await redis.get(key)) ?? randomBytes(32).toString('base64url')
}

/**
 * A day has so many cells of a metric and no more: paths are what visitors say they are (I15). One that is over by the
 * database's clock stays as it was reported: two reports of it could be subtracted.
 */
async function addOne(db: EntityManager, day: string, { metric, label }: Seen): Promise<void> {
  const sql =
    'UPDATE stat_cell SET people = people + 1 WHERE day = ? AND metric = ? AND label = ? AND day >= UTC_DATE()'
  if ((await write(db, sql, [day, metric, label])) === 1) return
  const [cells] = await select<{ count: number }>(
    db,
    'SELECT COUNT(*) AS count FROM stat_cell WHERE day = ? AND metric = ?',
    [day, metric],
  )
  if (Number(cells?.count) >= MAX_CELLS) return
  await write(
    db,
    `INSERT INTO stat_cell (day, metric, label, people) SELECT ?, ?, ?, 1 FROM DUAL WHERE ? >= UTC_DATE()
     ON DUPLICATE KEY UPDATE people = people + 1`,
    [day, metric, label, day],
  )
}
