// How fast a newsletter's rows come into being: a million readers, a tenth of whom must be skipped, each with its reason.
import mysql from 'mysql2/promise'
import { select } from '../../src/transaction'
import { makeNewsletter, scheduleNow } from '../support/actors'
import { CheckFailed } from './checker'
import * as newsletter from './newsletter'
import { say } from './processes'
import { type Audience, makeAudience } from './readers'
import { startWorkers, untilExpanded } from './send'
import type { Site } from './site'

const REAL = 2000

interface ReaderColumns extends mysql.RowDataPacket {
  name: string
}

/** Shares of a hundred, by the last two digits of the reader's id. Nobody is in two. */
const skips: readonly (readonly [from: number, to: number, reason: string, sql: string])[] = [
  [0, 2, 'CONSENT_WITHDRAWN', "c.state = 'ConsentWithdrawn', c.ended_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY"],
  [2, 4, 'PAUSED', 'r.paused_until = UTC_TIMESTAMP(3) + INTERVAL 30 DAY'],
  [4, 5, 'RESTRICTED', 'r.restricted_at = UTC_TIMESTAMP(3)'],
  [5, 6, 'INVALID_ADDRESS', 'r.invalid_at = UTC_TIMESTAMP(3)'],
  [6, 7, 'CONSENT_EXPIRED', 'c.expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY'],
]
const suppressions: readonly (readonly [at: number, reason: string, stored: string])[] = [
  [7, 'SUPPRESSED_COMPLAINT', 'COMPLAINT'],
  [8, 'SUPPRESSED_BOUNCE', 'HARD_BOUNCE'],
  [9, 'SUPPRESSED_MANUAL', 'MANUAL'],
]

/**
 * Makes the readers. A few thousand are real; the others are copies of their rows made inside MariaDB, with unique
 * public id, reference and address hash, and a consent each, but no consent events and no address that opens: expansion
 * reads neither. Making a million with everything takes three minutes and measures nothing more.
 */
export async function makeExpansionAudience(site: Site, count: number): Promise<Audience> {
  const audience = await makeAudience(site, REAL)
  const owner = await mysql.createConnection({ uri: site.config.databaseMigrationUrl })
  await owner.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  await copyReaders(owner, count - REAL)
  await copyConsents(owner, audience.purposeId)
  await makeUnsendable(owner, audience.purposeId)
  await owner.query('ANALYZE TABLE reader, consent, suppression')
  await owner.end()
  return { ...audience, count }
}

async function copyReaders(owner: mysql.Connection, count: number): Promise<void> {
  const [rows] = await owner.query<ReaderColumns[]>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'reader' AND column_name <> 'id'",
  )
  const fresh: Record<string, string> = {
    public_id: 'UUID()',
    reference: 'RANDOM_BYTES(10)',
    address_hash: 'RANDOM_BYTES(32)',
  }
  const names = rows.map(({ name }) => name)
  const values = names.map(name => fresh[name] ?? `t.${name}`)
  for (let made = 0; made < count; ) {
    const step = Math.min(REAL * 50, count - made)
    await owner.query(
      `INSERT INTO reader (${names.join(', ')}) SELECT ${values.join(', ')}
       FROM (SELECT * FROM reader ORDER BY id LIMIT ?) AS t JOIN seq_1_to_50 AS s LIMIT ?`,
      [REAL, step],
    )
    made += step
    say(`  ${made + REAL} readers`)
  }
}

async function copyConsents(owner: mysql.Connection, purposeId: number): Promise<void> {
  const [rows] = await owner.query<ReaderColumns[]>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'consent' AND column_name <> 'reader_id'",
  )
  const names = rows.map(({ name }) => name)
  await owner.query(
    `INSERT INTO consent (reader_id, ${names.join(', ')}) SELECT r.id, ${names.map(name => `t.${name}`).join(', ')}
     FROM (SELECT * FROM consent WHERE purpose_id = ? ORDER BY reader_id LIMIT 1) AS t
     JOIN reader r ON r.id > (SELECT MAX(reader_id) FROM consent WHERE purpose_id = ?)`,
    [purposeId, purposeId],
  )
}

async function makeUnsendable(owner: mysql.Connection, purposeId: number): Promise<void> {
  for (const [from, to, , change] of skips)
    await owner.query(
      `UPDATE reader r JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ?
       SET ${change} WHERE r.id % 100 >= ? AND r.id % 100 < ?`,
      [purposeId, from, to],
    )
  for (const [at, , stored] of suppressions)
    await owner.query(
      `INSERT INTO suppression (public_id, address_hash, reason, created_at)
       SELECT UUID(), address_hash, ?, UTC_TIMESTAMP(3) FROM reader WHERE id % 100 = ?`,
      [stored, at],
    )
}

/** Readers a second from the newsletter's start to its last row. Throws CheckFailed when a row is not as it must be. */
export async function expansionRate(site: Site, audience: Audience): Promise<number> {
  const { id: publicId } = await makeNewsletter(site.product, site.admin, audience.topicId, {
    subject: newsletter.subject,
    mjml: newsletter.mjml,
  })
  // Nobody listens there: what is expanded cannot be delivered.
  const workers = await startWorkers(site, { connections: 1 }, { host: '127.0.0.1', port: 9 })
  try {
    await scheduleNow(site.product, site.admin, publicId)
    await untilExpanded(site, publicId, 900_000)
  } finally {
    await Promise.all(workers.map(worker => worker.stop()))
  }
  await checkExpansion(site, publicId, audience)
  const seconds = await expansionSeconds(site, publicId)
  await putAway(site, publicId)
  return audience.count / seconds
}

async function expansionSeconds(site: Site, publicId: string): Promise<number> {
  const [row] = await select<{ started_at: Date; expanded_at: Date }>(
    site.connections.db.manager,
    'SELECT started_at, expanded_at FROM newsletter WHERE public_id = ?',
    [publicId],
  )
  if (!row) throw new Error('The newsletter is gone')
  return (row.expanded_at.getTime() - row.started_at.getTime()) / 1000
}

async function checkExpansion(site: Site, publicId: string, audience: Audience): Promise<void> {
  const { db } = site.connections
  const counted = await select<{ reason: string | null; count: number }>(
    db.manager,
    `SELECT d.skip_reason AS reason, COUNT(*) AS count FROM delivery d JOIN newsletter n ON n.id = d.newsletter_id
     WHERE n.public_id = ? GROUP BY d.skip_reason`,
    [publicId],
  )
  const [shares] = await select<Record<string, number>>(
    db.manager,
    `SELECT ${expected.map(([from, to, reason]) => `SUM(id % 100 >= ${from} AND id % 100 < ${to}) AS ${reason}`).join(', ')} FROM reader`,
  )
  const found = new Map(counted.map(({ reason, count }) => [reason, Number(count)]))
  const wrong = expected.filter(([, , reason]) => found.get(reason) !== Number(shares?.[reason]))
  if (wrong.length > 0)
    throw new CheckFailed(`expansion: wrong number of ${wrong.map(([, , reason]) => reason)}`)
  const total = counted.reduce((sum, { count }) => sum + Number(count), 0)
  if (total !== audience.count)
    throw new CheckFailed(`expansion: ${total} rows for ${audience.count} readers`)
}

const expected: readonly (readonly [from: number, to: number, reason: string])[] = [
  ...skips.map(([from, to, reason]) => [from, to, reason] as const),
  ...suppressions.map(([at, reason]) => [at, at + 1, reason] as const),
]

/** So that no later worker looks at it: it is of no further use. */
async function putAway(site: Site, publicId: string): Promise<void> {
  const owner = await mysql.createConnection({ uri: site.config.databaseMigrationUrl })
  await owner.query(
    "UPDATE newsletter SET status = 'CANCELLED', finished_at = UTC_TIMESTAMP(3) WHERE public_id = ?",
    [publicId],
  )
  await owner.query('TRUNCATE TABLE delivery')
  await owner.query('TRUNCATE TABLE delivery_range')
  await owner.end()
}
