// Judges a newsletter afterwards from three sources that know nothing of each other: events, rows and what the sink got.
import { setTimeout as sleep } from 'node:timers/promises'
import { deliveryId } from '../../src/deliveries/delivery-id'
import { ConsentEvent } from '../../src/entities/consent-event'
import { Delivery, DeliveryStatus } from '../../src/entities/delivery'
import { DeliveryRetry } from '../../src/entities/delivery-retry'
import { Newsletter } from '../../src/entities/newsletter'
import { Topic } from '../../src/entities/topic'
import { allReaders, type KnownReader } from './bulk-readers'
import type { Product } from './product'
import type { Received } from './smtp-sink'

const DAY = 86_400_000
const CONSENT_MONTHS = 24
const GIVEN = ['ConsentGiven', 'RenewedConsentGiven']

export type Counts = Record<DeliveryStatus, number>

/** Completed messages of one newsletter, refused or not. */
export const messagesOf = (product: Pick<Product, 'sink'>, publicId: string): Received[] => {
  const mark = new RegExp(`^Feedback-ID:\\s+${publicId}:`, 'm')
  return product.sink.received.filter(({ data }) => mark.test(data.toString('latin1', 0, 4000)))
}

/** Those a reader would have in the mailbox. */
export const deliveredOf = (product: Pick<Product, 'sink'>, publicId: string): Received[] =>
  messagesOf(product, publicId).filter(({ answer }) => answer === undefined || answer === 2)

export const newsletterOf = ({ connections: { db } }: Product, publicId: string): Promise<Newsletter> =>
  db.manager.findOneByOrFail(Newsletter, { publicId })

export async function rowsOf(product: Product, publicId: string): Promise<Delivery[]> {
  const { id } = await newsletterOf(product, publicId)
  return product.connections.db.manager.findBy(Delivery, { newsletterId: id })
}

/** Waits until the condition holds; fails after the time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  seconds = 40,
): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It never happened: ${what}`)
    await sleep(20)
  }
}

export const untilStatus = (
  product: Product,
  publicId: string,
  status: string,
  seconds = 40,
): Promise<void> =>
  until(async () => (await newsletterOf(product, publicId)).status === status, `status ${status}`, seconds)

/** Waits until that many messages of the newsletter are complete. */
export const untilReceived = (product: Product, publicId: string, count: number): Promise<void> =>
  until(() => messagesOf(product, publicId).length >= count, `${count} messages`)

export const untilSettled = (product: Product, publicId: string): Promise<void> =>
  until(async () => (await rowsOf(product, publicId)).every(row => row.status !== 'sending'), 'all settled')

/** When consent for the purpose stood, by the events alone. */
function standing(events: readonly ConsentEvent[], purposeId: number): { from: number; until: number }[] {
  const spans: { from: number; until: number }[] = []
  for (const event of events.filter(one => one.purposeId === purposeId)) {
    const last = spans.at(-1)
    const at = event.at.getTime()
    if (last && at < last.until) last.until = at
    if (!GIVEN.includes(event.toState)) continue
    const expiry = new Date(event.at)
    expiry.setUTCMonth(expiry.getUTCMonth() + CONSENT_MONTHS)
    spans.push({ from: at, until: expiry.getTime() })
  }
  return spans
}

/** Everything that must hold of a newsletter that is over. Answers its counts. */
export async function checkNewsletter(product: Product, publicId: string): Promise<Counts> {
  const { manager } = product.connections.db
  const newsletter = await newsletterOf(product, publicId)
  const topic = await manager.findOneByOrFail(Topic, { id: newsletter.topicId })
  const events = await manager.find(ConsentEvent, { order: { position: 'ASC' } })
  const ofReader = new Map<string, ConsentEvent[]>()
  for (const event of events) ofReader.set(event.principal, [...(ofReader.get(event.principal) ?? []), event])
  const readers = await allReaders(product)
  const spansOf = (reader: KnownReader) => standing(ofReader.get(reader.publicId) ?? [], topic.purposeId)
  const startedAt = newsletter.startedAt?.getTime() ?? Number.NaN
  const audience = readers.filter(reader =>
    spansOf(reader).some(span => span.from <= startedAt && span.until > startedAt - 90 * DAY),
  )
  const rows = await rowsOf(product, publicId)
  expect(rows.map(row => row.readerId).sort(byNumber)).toEqual(
    audience.map(reader => reader.id).sort(byNumber),
  )
  expect(rows.filter(row => row.status === 'queued' || row.status === 'sending')).toEqual([])
  expect(await manager.countBy(DeliveryRetry, { newsletterId: newsletter.id })).toBe(0)
  for (const row of rows) expect(row.skipReason === null).toBe(row.status !== DeliveryStatus.SKIPPED)
  checkMessages(product, publicId, readers, rows)
  const byAddress = new Map(readers.map(reader => [reader.email, reader]))
  for (const message of deliveredOf(product, publicId)) {
    const reader = byAddress.get(message.to[0] ?? '')
    const stood = reader && spansOf(reader).some(span => span.from <= message.at && span.until > startedAt)
    expect({ to: message.to, stood }).toEqual({ to: message.to, stood: true })
  }
  return countsOf(rows)
}

function checkMessages(
  product: Product,
  publicId: string,
  readers: readonly KnownReader[],
  rows: readonly Delivery[],
): void {
  const delivered = deliveredOf(product, publicId)
  for (const message of delivered) expect(message.to).toHaveLength(1)
  const addresses = delivered.map(message => message.to[0] ?? '')
  expect(addresses.length - new Set(addresses).size).toBe(0)
  const rowOf = new Map(rows.map(row => [row.readerId, row]))
  const got = new Map(delivered.map(message => [message.to[0] ?? '', message]))
  const wrong = readers.flatMap(({ id, email }) => {
    const row = rowOf.get(id)
    const message = got.get(email)
    if (row?.status === 'sent' && message?.answer !== 2)
      return [`${email} is sent but has no accepted message`]
    if (message && row?.status !== 'sent' && row?.status !== 'unknown')
      return [`${email} has a message but is ${row?.status}`]
    return []
  })
  expect(wrong).toEqual([])
  const known = new Set(readers.map(reader => reader.email))
  expect(addresses.filter(address => !known.has(address))).toEqual([])
}

export function countsOf(rows: readonly Delivery[]): Counts {
  const counts = Object.fromEntries(Object.values(DeliveryStatus).map(status => [status, 0])) as Counts
  for (const row of rows) counts[row.status]++
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(rows.length)
  return counts
}

/** Readers whose message was completed after the moment, by the public ids of their deliveries. */
export async function completedAfter(product: Product, publicId: string, moment: number): Promise<string[]> {
  const newsletter = await newsletterOf(product, publicId)
  const readers = new Map((await allReaders(product)).map(reader => [reader.email, reader]))
  return deliveredOf(product, publicId)
    .filter(({ at }) => at > moment)
    .map(({ to }) => deliveryId(newsletter.reference, readers.get(to[0] ?? '')?.reference ?? Buffer.alloc(0)))
}

const byNumber = (one: number, other: number): number => one - other
