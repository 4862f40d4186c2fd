import fc from 'fast-check'
import { capReachedSql } from '../src/consent/frequency-cap'
import { withdraw } from '../src/consent/withdraw'
import { forgetSends } from '../src/deliveries/forget-sends'
import { Frequency } from '../src/entities/consent'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { ReaderSend } from '../src/entities/reader-send'
import { Topic } from '../src/entities/topic'
import { select, transaction } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { checkNewsletter, deliveredOf, messagesOf, rowsOf, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ sink: { delayMs: 3 } })
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(() => product?.stop())

type Promised = { maxIssues: number; perDays: number }

async function topicWith(slug: string, promise: Promised): Promise<Topic> {
  await makeTopic(product, admin, slug, slug, promise)
  return product.connections.db.manager.findOneByOrFail(Topic, { slug })
}

async function send(topic: Topic): Promise<string> {
  const { id } = await makeNewsletter(product, admin, topic.publicId)
  await scheduleNow(product, admin, id)
  return id
}

const sendToEnd = async (topic: Topic): Promise<string> => {
  const id = await send(topic)
  await untilStatus(product, id, 'SENT')
  return id
}

/** How the newsletter ended for each reason: `sent`, or why not. */
async function endings(id: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const row of await rowsOf(product, id)) {
    const ending = row.skipReason ?? row.status
    counts[ending] = (counts[ending] ?? 0) + 1
  }
  return counts
}

/** Sends of the past, as the gate would have left them. */
async function sentBefore(reader: KnownReader, topic: Topic, hoursAgo: readonly number[]): Promise<void> {
  for (const [index, hours] of hoursAgo.entries())
    await product.connections.db.manager.query(
      `INSERT INTO reader_send (reader_id, newsletter_id, purpose_id, at) VALUES (?, ?, ?, ?)`,
      [reader.id, 1_000_000 + topic.id * 1000 + index, topic.purposeId, new Date(Date.now() - hours * HOUR)],
    )
}

test('an issue over what the topic promises is skipped with the reason and never sent later', async () => {
  const topic = await topicWith('weekly', { maxIssues: 1, perDays: 7 })
  await makeReaders(product, 5)
  const first = await sendToEnd(topic)
  expect(await endings(first)).toEqual({ sent: 5 })
  await makeReaders(product, 2)
  const second = await sendToEnd(topic)
  expect(await endings(second)).toEqual({ sent: 2, FREQUENCY_CAP: 5 })
  expect(await checkNewsletter(product, second)).toMatchObject({ sent: 2, skipped: 5 })
})

test('two issues that go out at the same moment reach each reader of a one-issue promise once', async () => {
  const topic = await topicWith('race', { maxIssues: 1, perDays: 1 })
  await makeReaders(product, 300, { purposes: ['topic:race'] })
  const ids = await Promise.all([send(topic), send(topic)])
  for (const id of ids) await untilStatus(product, id, 'SENT')
  const delivered = ids.flatMap(id => deliveredOf(product, id).map(message => message.to[0]))
  expect(delivered).toHaveLength(300)
  expect(new Set(delivered).size).toBe(300)
  for (const id of ids) await checkNewsletter(product, id)
})

test('what the server refused does not count against the cap, what may have arrived does', async () => {
  const topic = await topicWith('given-back', { maxIssues: 1, perDays: 1 })
  const purposes = ['topic:given-back']
  await makeReaders(product, 2, { purposes, local: n => `554-dot.r${n}` })
  await makeReaders(product, 3, { purposes, local: n => `reset-after-dot.r${n}` })
  const first = await sendToEnd(topic)
  expect(await endings(first)).toEqual({ failed: 2, unknown: 3 })
  product.sink.heal()
  const second = await sendToEnd(topic)
  product.sink.heal(false)
  expect(await endings(second)).toEqual({ sent: 2, FREQUENCY_CAP: 3 })
})

test('a reader who asked for less gets less than the topic promises', async () => {
  const topic = await topicWith('less', { maxIssues: 3, perDays: 7 })
  const [reader] = await makeReaders(product, 1, { purposes: ['topic:less'] })
  await product.connections.db.manager.query(
    'UPDATE consent SET frequency = ? WHERE reader_id = ? AND purpose_id = ?',
    [Frequency.AT_MOST_WEEKLY, reader?.id, topic.purposeId],
  )
  expect(await endings(await sendToEnd(topic))).toEqual({ sent: 1 })
  await makeReaders(product, 1, { purposes: ['topic:less'] })
  expect(await endings(await sendToEnd(topic))).toEqual({ sent: 1, FREQUENCY_CAP: 1 })
})

test('what came from a topic the reader has left counts against the ceiling over all topics', async () => {
  const left = await topicWith('left', { maxIssues: 5, perDays: 1 })
  const kept = await topicWith('kept', { maxIssues: 1, perDays: 7 })
  const [reader] = await makeReaders(product, 1, { purposes: ['topic:left', 'topic:kept'] })
  if (!reader) throw new Error('No reader')
  expect(await endings(await sendToEnd(left))).toEqual({ sent: 1 })
  await transaction(product.connections.db, tx =>
    withdraw(tx, {
      readerId: reader.id,
      scope: { purposeId: left.purposeId },
      surface: ConsentSurface.ONE_CLICK_HEADER,
      method: ConsentMethod.ONE_CLICK,
      newsletterId: null,
    }),
  )
  await makeReaders(product, 1, { purposes: ['topic:kept'] })
  const id = await sendToEnd(kept)
  expect(await endings(id)).toEqual({ sent: 1, FREQUENCY_CAP: 1 })
  expect(messagesOf(product, id).map(message => message.to)).not.toContainEqual([reader.email])
})

test('sends that no cap counts any more are forgotten, all others are kept', async () => {
  const { manager } = product.connections.db
  const topic = await topicWith('forgotten', { maxIssues: 2, perDays: 60 })
  const [reader] = await makeReaders(product, 1, { purposes: ['topic:forgotten'] })
  if (!reader) throw new Error('No reader')
  await sentBefore(reader, topic, [1, 59 * 24, 60 * 24, 62 * 24, 400 * 24])
  let after = 0
  do after = (await forgetSends(manager, after)).next
  while (after > 0)
  expect(await manager.countBy(ReaderSend, { readerId: reader.id })).toBe(3)
})

/** The rules as they are written down (standards §N), told a second time. */
function isOver(
  promises: readonly Promised[],
  frequency: Frequency,
  sends: readonly (readonly number[])[],
): boolean {
  const within = (hours: readonly number[], days: number) =>
    hours.filter(hour => hour * HOUR < days * DAY).length
  const [own = { maxIssues: 1, perDays: 1 }] = promises
  const mine = sends[0] ?? []
  if (within(mine, own.perDays) >= own.maxIssues) return true
  if (frequency === Frequency.AT_MOST_WEEKLY && within(mine, 7) >= 1) return true
  if (frequency === Frequency.AT_MOST_MONTHLY && within(mine, 30) >= 1) return true
  return [
    [1, 1],
    [7, 3],
    [30, 8],
  ].some(([days = 1, ceiling = 1]) => {
    const promised = promises.reduce((sum, one) => sum + one.maxIssues * Math.ceil(days / one.perDays), 0)
    return within(sends.flat(), days) >= Math.max(ceiling, promised)
  })
}

test('the cap is reached exactly when one more would break the promise, the choice or the ceiling, for any past', async () => {
  const promises: Promised[] = [
    { maxIssues: 2, perDays: 3 },
    { maxIssues: 1, perDays: 7 },
    { maxIssues: 4, perDays: 30 },
  ]
  const topics: Topic[] = []
  for (const [index, promise] of promises.entries()) topics.push(await topicWith(`model-${index}`, promise))
  const { manager } = product.connections.db
  // The third topic is one the reader has left: its sends count, its promise does not.
  const purposes = ['topic:model-0', 'topic:model-1']
  // Half hours: no send stands on the edge of a window while the test runs.
  const past = fc.array(
    fc.integer({ min: 0, max: 40 * 24 }).map(hours => hours + 0.5),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(Frequency)),
      fc.tuple(past, past, past),
      async (frequency, sends) => {
        const [reader] = await makeReaders(product, 1, { purposes })
        const [topic] = topics
        if (!reader || !topic) throw new Error('No reader')
        for (const [index, hours] of sends.entries()) await sentBefore(reader, topics[index] as Topic, hours)
        await manager.query('UPDATE consent SET frequency = ? WHERE reader_id = ? AND purpose_id = ?', [
          frequency,
          reader.id,
          topic.purposeId,
        ])
        const [row] = await select<{ over: number | null }>(
          manager,
          `SELECT ${capReachedSql} AS \`over\` FROM reader r JOIN consent c ON c.reader_id = r.id AND c.purpose_id = ?
           WHERE r.id = ?`,
          [topic.purposeId, reader.id],
        )
        expect(Boolean(Number(row?.over ?? 0))).toBe(isOver(promises.slice(0, 2), frequency, sends))
      },
    ),
    { numRuns: 60 },
  )
})
