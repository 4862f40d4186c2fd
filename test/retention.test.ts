import { resolve } from 'node:path'
import mysql from 'mysql2/promise'
import { forgetAudit } from '../src/consent/forget-audit'
import { forgetDeliveries } from '../src/deliveries/forget-deliveries'
import { forgetSends } from '../src/deliveries/forget-sends'
import { ConsentEvent } from '../src/entities/consent-event'
import type { Delivery } from '../src/entities/delivery'
import { personalColumns } from '../src/entities/personal'
import { Reader } from '../src/entities/reader'
import { periodsOf } from '../src/privacy/retention/periods'
import { endsOtherwise, retentionRules } from '../src/privacy/retention/rules'
import { dueRules, runRule } from '../src/privacy/retention/run'
import { createLedgerSigner } from '../src/secrets/ledger-signer'
import { select, write } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
} from './support/actors'
import type { AnyData } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { newsletterOf, rowsOf, until, untilStatus } from './support/checker'
import { runWeinterrupt } from './support/command'
import { dumpDatabase } from './support/dump'
import { minutesAgo, plantRow } from './support/plant-row'
import { type Product, startProduct, sweeps } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const DAY = 24 * 60
const SEND_LOG_DAYS = 75
const NOTICE_DAYS = 40

let product: Product
let admin: Staff

beforeAll(async () => {
  const env = { SEND_LOG_DAYS: String(SEND_LOG_DAYS), NOTICE_DAYS: String(NOTICE_DAYS) }
  product = await startProduct({ worker: false, env })
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager

const means = () => ({
  periods: periodsOf(product.config),
  signer: createLedgerSigner(product.connections.keyring),
})

/** Each rule run to its end in this process; answers how many rows each removed. */
async function runAll(): Promise<Record<string, number>> {
  const removed: Record<string, number> = {}
  for (const rule of retentionRules) removed[rule.name] = await runRule(product.connections.db, rule, means())
  return removed
}

/** The same by the command line. */
async function retention(...flags: string[]): Promise<AnyData> {
  const { code, out, err } = await runWeinterrupt(product.env, 'retention', 'run', '--json', ...flags)
  expect([code, err]).toEqual([0, ''])
  const { dryRun, rules } = JSON.parse(out)
  return { dryRun, ...Object.fromEntries(rules.map((one: AnyData) => [one.rule, one.rows])) }
}

const countOf = async (table: string): Promise<number> => {
  const [row] = await select<{ count: number }>(manager(), `SELECT COUNT(*) AS count FROM ${table}`)
  return Number(row?.count)
}

/** A newsletter that is over since so many days, by one way or the other. */
async function finished(readers: number, daysAgo: number): Promise<string> {
  const slug = `t${Math.random().toString(36).slice(2)}`
  const topic = await makeTopic(product, admin, slug)
  await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  const stop = product.startWorker()
  await untilStatus(product, id, 'SENT')
  await stop()
  await finishedBefore(id, daysAgo)
  return id
}

const finishedBefore = (id: string, days: number): Promise<number> =>
  write(
    manager(),
    'UPDATE newsletter SET finished_at = UTC_TIMESTAMP(3) - INTERVAL ? DAY WHERE public_id = ?',
    [days, id],
  )

describe('every kind of personal data ends', () => {
  test('each declared column is in a table that a rule for its period empties, or ends by something else', () => {
    const ends = new Set(
      retentionRules.flatMap(({ kept, tables }) => tables.map(table => `${kept} ${table}`)),
    )
    const endless = personalColumns()
      .map(({ entity, kept }) => ({ kept, table: product.connections.db.getMetadata(entity).tableName }))
      .filter(({ kept, table }) => !endsOtherwise[kept] && !ends.has(`${kept} ${table}`))
      .map(({ kept, table }) => `${kept} ${table}`)

    expect([...new Set(endless)]).toEqual([
      // The row goes when the delivery is settled.
      'SEND_LOG delivery_retry',
    ])
    expect(personalColumns().length).toBeGreaterThan(100)
  })

  const years = (over: number) => mysql.raw(`UTC_TIMESTAMP(3) - INTERVAL 3 YEAR - INTERVAL ${over} MINUTE`)
  const monthsAgo = (months: number, days: number) =>
    mysql.raw(`UTC_DATE() - INTERVAL ${months} MONTH - INTERVAL ${days} DAY`)
  const noticed = (over: number) => minutesAgo(NOTICE_DAYS * DAY + over)
  const rows: Record<string, [string, (minutesOver: number) => Record<string, unknown>]> = {
    'unconfirmed sign-ups': ['registration', over => ({ expires_at: minutesAgo(over) })],
    'confirmed sign-ups': ['registration', over => ({ confirmed_at: minutesAgo(30 * DAY + over) })],
    codes: ['reader_code', over => ({ expires_at: minutesAgo(over) })],
    'changes of address': ['email_change', over => ({ expires_at: minutesAgo(over) })],
    'log-ins of readers': ['reader_session', over => ({ expires_at: minutesAgo(over) })],
    'log-ins of staff': ['staff_session', over => ({ expires_at: minutesAgo(over) })],
    'counted guesses': ['staff_attempt', over => ({ since: minutesAgo(DAY + over) })],
    notices: ['notice', over => ({ state: 'sent', due_at: noticed(over), at: noticed(over) })],
    'copies of data': ['data_export', over => ({ expires_at: minutesAgo(over) })],
    'requests about data': ['data_request', over => ({ completed_at: years(over) })],
    'who was passed on': ['disclosed_reader', over => ({ at: years(over) })],
    'passings of data': ['disclosure', over => ({ at: years(over) })],
    'releases to authorities': ['lawful_disclosure', over => ({ requested_at: years(over) })],
    'feedback about links': [
      'link_feedback',
      over => ({ day: mysql.raw(`UTC_DATE() - INTERVAL 1 YEAR - INTERVAL ${over > 0 ? 0 : -1} DAY`) }),
    ],
    'erasures third parties confirmed': ['erasure_notice', over => ({ acknowledged_at: years(over) })],
    'audit events': ['audit_event', over => ({ at: years(over) })],
    imports: ['import_job', over => ({ ended_at: years(over) })],
    statistics: ['stat_cell', over => ({ label: `/${Math.random()}`, day: monthsAgo(25, Math.sign(over)) })],
  }

  test('what is a minute over its time goes, what is half an hour short of it stays', async () => {
    const before = await dumpDatabase(product)
    for (const [table, row] of Object.values(rows))
      for (const minutes of [1, 1, -30]) await plantRow(product, table, row(minutes))
    const planted = await dumpDatabase(product)
    const due = Object.fromEntries(Object.keys(rows).map(rule => [rule, 2]))

    expect(await retention('--dry-run')).toMatchObject({ dryRun: true, ...due })
    expect(await dumpDatabase(product)).toEqual(planted)
    expect(await retention()).toMatchObject({ dryRun: false, ...due })
    const { audit_event, ...after } = await dumpDatabase(product)
    for (const [table, left] of Object.entries(after)) {
      const added = Object.values(rows).filter(([name]) => name === table).length
      expect([table, left.length]).toEqual([table, (before[table]?.length ?? 0) + added])
    }
    expect(audit_event?.at(-1)).toContain('retention.run')
    expect(Object.values(await runAll())).toEqual(retentionRules.map(() => 0))
  })

  test('an import goes with its refused rows, also one whose file never came; one under way stays', async () => {
    const jobs = [
      { ended_at: years(1), expires_at: years(0) },
      { ended_at: null, expires_at: years(1) },
      { ended_at: null, expires_at: minutesAgo(-1) },
    ]
    for (const [n, job] of jobs.entries()) {
      await plantRow(product, 'import_job', { id: 7_000_000 + n, ...job })
      for (const row of [2, 3]) await plantRow(product, 'import_reject', { import_id: 7_000_000 + n, row })
    }

    expect(await retention('--dry-run')).toMatchObject({ 'refused rows of imports': 4, imports: 2 })
    expect(await runAll()).toMatchObject({ 'refused rows of imports': 4, imports: 2 })
    const left = await select(
      manager(),
      'SELECT j.id, r.row FROM import_job j JOIN import_reject r ON r.import_id = j.id ORDER BY r.row',
      [],
    )
    expect(left).toEqual([
      { id: 7_000_002, row: 2 },
      { id: 7_000_002, row: 3 },
    ])
  })

  test('a notice that is not settled stays, however old it is', async () => {
    const old = minutesAgo(400 * DAY)
    for (const state of ['queued', 'sending'])
      await plantRow(product, 'notice', { state, kind: 'confirmation', due_at: old, at: old })
    expect((await runAll()).notices).toBe(0)
    await write(manager(), "UPDATE notice SET state = 'cancelled'")
  })
})

describe('the send log', () => {
  const report = async (id: string) => (await fetchNewsletter(product, admin, id)).report
  const forget = (id: number, keptDays: number, atMost: number): Promise<unknown> =>
    manager().query('CALL forget_deliveries(?, ?, ?)', [id, keptDays, atMost])

  test('becomes counts, a few at a time, and the report adds up before, between and after', async () => {
    const id = await finished(7, SEND_LOG_DAYS + 1)
    const { id: rowId } = await newsletterOf(product, id)
    await write(
      manager(),
      "UPDATE delivery SET status = 'skipped', skip_reason = 'PAUSED' WHERE newsletter_id = ? LIMIT 1",
      [rowId],
    )
    const [{ readerId }] = (await rowsOf(product, id)) as [Delivery]
    await plantRow(product, 'delivery_decision', { newsletter_id: rowId, reader_id: readerId, staff_id: 1 })
    const before = await report(id)

    expect(before).toMatchObject({ audience: 7, sent: 6, skipped: [{ reason: 'PAUSED', count: 1 }] })
    for (const left of [5, 3, 1]) {
      await forget(rowId, SEND_LOG_DAYS, 2)
      expect(await rowsOf(product, id)).toHaveLength(left)
      expect(await report(id)).toEqual(before)
    }
    expect(await runAll()).toMatchObject({ 'send log': 1 })
    expect(await report(id)).toEqual(before)
    for (const table of ['delivery', 'delivery_decision', 'delivery_range'])
      expect([table, await countOf(table)]).toEqual([table, 0])
  })

  test('of a newsletter that is not over for so long, or not over at all, stays whole', async () => {
    const id = await finished(3, SEND_LOG_DAYS - 1)
    const { id: rowId } = await newsletterOf(product, id)
    expect(await runAll()).toMatchObject({ 'send log': 0 })
    await finishedBefore(id, 400)
    await write(manager(), 'UPDATE newsletter SET finished_at = NULL WHERE id = ?', [rowId])
    expect(await runAll()).toMatchObject({ 'send log': 0 })
    await forget(rowId, 0, 100)
    expect(await rowsOf(product, id)).toHaveLength(3)
    await finishedBefore(id, 1)
  })

  test('the running product can remove none before 60 days, by no right and no clock of its own', async () => {
    const id = await finished(2, 59)
    const { id: rowId } = await newsletterOf(product, id)
    await expect(write(manager(), 'DELETE FROM delivery')).rejects.toThrow(/denied/)
    await forget(rowId, 0, 100)
    await manager().transaction(async tx => {
      await tx.query('SET timestamp = UNIX_TIMESTAMP() + 1000 * 86400')
      await tx.query('CALL forget_deliveries(?, 0, 100)', [rowId])
      await tx.query('CALL forget_audit_events(100000)')
      await tx.query('SET timestamp = DEFAULT')
    })
    expect(await rowsOf(product, id)).toHaveLength(2)
    expect(await countOf('audit_event')).toBeGreaterThan(5)
  })

  test('while deliveries, sends, notices and audit events are being removed a newsletter goes out and nobody waits', async () => {
    const id = await finished(4, 100)
    const { id: rowId } = await newsletterOf(product, id)
    const topic = await makeTopic(product, admin, 'meanwhile')
    const readers = await makeReaders(product, 4, { purposes: ['topic:meanwhile'] })
    for (const { id: reader_id } of readers)
      await plantRow(product, 'reader_send', { reader_id, at: minutesAgo(50 * DAY) })
    const { id: other } = await makeNewsletter(product, admin, topic.id)
    const stop = product.startWorker()
    await manager().transaction('READ COMMITTED', async tx => {
      expect(await forgetDeliveries(tx, rowId, SEND_LOG_DAYS)).toBe(4)
      expect(await forgetSends(tx, 0)).toMatchObject({ removed: 4 })
      await write(tx, 'DELETE FROM notice WHERE at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY')
      await forgetAudit(tx)
      await scheduleNow(product, admin, other)
      await untilStatus(product, other, 'SENT')
    })
    await stop()
    expect(await rowsOf(product, other)).toHaveLength(4)
  })
})

describe('proof of consent', () => {
  const erasedBefore = (id: number, years: number, days: number): Promise<number> =>
    write(
      manager(),
      `UPDATE reader SET erased_at = UTC_TIMESTAMP(3) - INTERVAL ? YEAR - INTERVAL ? DAY,
         address_hash = NULL, email_sealed = NULL, name_sealed = NULL WHERE id = ?`,
      [years, days, id],
    )
  const eventsOf = (principal: string): Promise<number> => manager().countBy(ConsentEvent, { principal })

  test('goes three years after the reader was erased, with the reader’s numbers, and the ledger still verifies', async () => {
    const [gone, almost, present] = await makeReaders(product, 3)
    if (!gone || !almost || !present) throw new Error('No readers')
    await erasedBefore(gone.id, 3, 1)
    await erasedBefore(almost.id, 3, -1)

    expect(await retention('--dry-run')).toMatchObject({ 'proof of erased readers': 1 })
    expect(await runAll()).toMatchObject({ 'proof of erased readers': 1 })
    expect(await manager().existsBy(Reader, { id: gone.id })).toBe(false)
    expect(await eventsOf(gone.publicId)).toBe(0)
    for (const { id, publicId } of [almost, present]) {
      expect(await manager().existsBy(Reader, { id })).toBe(true)
      expect(await eventsOf(publicId)).toBeGreaterThan(0)
    }
    const { code, out } = await runWeinterrupt(product.env, 'ledger', 'verify', '--json')
    expect([code, JSON.parse(out).tombstones]).toEqual([0, 1])
  })

  test('of a reader who is there, or erased since less, the database removes nothing', async () => {
    const [reader] = await makeReaders(product, 1)
    if (!reader) throw new Error('No reader')
    const remove = () => manager().query('CALL forget_erased_reader(?, 0)', [reader.id])
    await remove()
    await erasedBefore(reader.id, 3, -1)
    await remove()
    await expect(write(manager(), 'DELETE FROM reader')).rejects.toThrow(/denied/)
    expect(await manager().existsBy(Reader, { id: reader.id })).toBe(true)
  })
})

describe('the worker', () => {
  const runs = async (): Promise<string[]> =>
    (await select<{ rule: string }>(manager(), 'SELECT rule FROM retention_run')).map(({ rule }) => rule)
  const everyDay = retentionRules.filter(({ every }) => every === 'DAY').map(({ name }) => name)
  const old = {
    state: 'sent',
    due_at: minutesAgo(NOTICE_DAYS * DAY + 1),
    at: minutesAgo(NOTICE_DAYS * DAY + 1),
  }

  test('runs every daily rule once a day, and the rest with each sweep', async () => {
    await write(manager(), 'UPDATE retention_run SET ended_at = ended_at - INTERVAL 25 HOUR')
    const notices = await countOf('notice')
    await plantRow(product, 'notice', old)
    const stop = product.startWorker()
    const isDone = async () => (await dueRules(manager())).length === 0
    await until(isDone, 'all daily rules have run')
    expect(await countOf('notice')).toBe(notices)

    await plantRow(product, 'notice', old)
    await plantRow(product, 'reader_code', { expires_at: minutesAgo(1) })
    await until(async () => (await countOf('reader_code')) === 1, 'the code has gone')
    await sweeps(2)
    expect(await countOf('notice')).toBe(notices + 1)

    await write(manager(), 'UPDATE retention_run SET ended_at = ended_at - INTERVAL 25 HOUR')
    await until(async () => (await countOf('notice')) === notices, 'the notice has gone')
    await stop()
    expect(await runs()).toEqual(expect.arrayContaining(everyDay))
  })

  test('whose clock is 100 days ahead removes nothing before its time', async () => {
    await write(manager(), 'DELETE FROM notice')
    await write(manager(), 'DELETE FROM registration')
    await write(manager(), 'UPDATE retention_run SET ended_at = ended_at - INTERVAL 25 HOUR')
    const almost = minutesAgo(NOTICE_DAYS * DAY - 60)
    await plantRow(product, 'notice', { state: 'sent', due_at: almost, at: almost })
    await plantRow(product, 'registration', { expires_at: minutesAgo(-60) })
    startWorkerProcess(product, {
      WRONG_CLOCK_HOURS: '2400',
      NODE_OPTIONS: `--require ${resolve('test/support/wrong-clock.cjs')}`,
    })
    await until(async () => (await dueRules(manager())).length === 0, 'all daily rules have run')
    expect([await countOf('notice'), await countOf('registration')]).toEqual([1, 1])
  })
})
