// Judges a newsletter afterwards from three sources that know nothing of each other: events, rows and what the sink got.
import { setTimeout as sleep } from 'node:timers/promises'
import { deliveryId } from '../../src/deliveries/delivery-id'
import { Delivery, DeliveryStatus } from '../../src/entities/delivery'
import { Newsletter, type NewsletterStatus } from '../../src/entities/newsletter'
import { allReaders } from './bulk-readers'
import { loadTables } from './load-facts'
import { createRecorder } from './message-facts'
import type { Product } from './product'
import type { Received } from './smtp-sink'
import { verify } from './verify'

export type Counts = Record<DeliveryStatus, number>

/** Completed messages of one newsletter, refused or not. */
export const messagesOf = (product: Pick<Product, 'sink'>, publicId: string): Received[] =>
  product.sink.received.filter(message => newsletterIn(message) === publicId)

const newsletters = new WeakMap<Received, string>()

/** By the header; read once, as those who wait for messages look at all of them again and again. */
function newsletterIn(message: Received): string {
  const known = newsletters.get(message)
  if (known !== undefined) return known
  const found = /^Feedback-ID:\s+([^:]*):/m.exec(message.data.toString('latin1', 0, 4000))?.[1] ?? ''
  newsletters.set(message, found)
  return found
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
  until(
    () =>
      product.connections.db.manager.existsBy(Newsletter, { publicId, status: status as NewsletterStatus }),
    `status ${status}`,
    seconds,
  )

/** Waits until that many messages of the newsletter are complete. */
export const untilReceived = (product: Product, publicId: string, count: number): Promise<void> =>
  until(() => messagesOf(product, publicId).length >= count, `${count} messages`)

/** Asked again and again: the database looks, so that no rows are loaded. */
export async function untilSettled(product: Product, publicId: string): Promise<void> {
  const { id } = await newsletterOf(product, publicId)
  const open = { newsletterId: id, status: DeliveryStatus.SENDING }
  await until(async () => !(await product.connections.db.manager.existsBy(Delivery, open)), 'all settled')
}

/** Everything that must hold of a newsletter that is over (verify.ts). Answers its counts. */
export async function checkNewsletter(product: Product, publicId: string): Promise<Counts> {
  const readers = await allReaders(product)
  const names = new Map(readers.map(({ email, name }) => [email, name]))
  const recorder = createRecorder(product.connections.keyring, address => names.get(address))
  const messages = messagesOf(product, publicId).map(message => recorder.record(message))
  const tables = await loadTables(product, readers, publicId)
  const newsletters = tables.newsletters.map(one => ({
    ...one,
    // These tests look at the text themselves, write names that need encoding, and change content afterwards.
    skeletons: Object.keys(recorder.skeletons),
    contentHash: one.approvedHash ?? '',
    // A cancelled one is at rest a moment before it is noted as over.
    finishedAt: one.finishedAt ?? (one.status === 'CANCELLED' ? Date.now() : null),
  }))
  const facts = { messages, skeletons: recorder.skeletons, calls: [], ...tables, newsletters }
  expect(verify(facts)).toEqual([])
  return countsOf(await rowsOf(product, publicId))
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
