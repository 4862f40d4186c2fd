import { setTimeout as sleep } from 'node:timers/promises'
import { Delivery } from '../src/entities/delivery'
import { DeliveryRetry } from '../src/entities/delivery-retry'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import {
  checkNewsletter,
  deliveredOf,
  messagesOf,
  newsletterOf,
  rowsOf,
  until,
  untilStatus,
} from './support/checker'
import { type Product, startProduct } from './support/product'
import type { Fault } from './support/smtp-sink'

const MINUTE = 60_000

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ env: { LEASE_SECONDS: '1' } })
  admin = await makeStaff(product, 'ADMIN')
})
afterAll(() => product?.stop())

interface Going {
  id: string
  newsletterId: number
  readers: KnownReader[]
}

/** A newsletter to readers of which the first ones ask the server for a fault. */
async function going(slug: string, faulty: number, fault: Fault, fine = 3): Promise<Going> {
  const topic = await makeTopic(product, admin, slug)
  const purposes = [`topic:${slug}`]
  const readers = await makeReaders(product, faulty, { purposes, local: n => `${fault}.r${n}` })
  readers.push(...(await makeReaders(product, fine, { purposes })))
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return { id, newsletterId: (await newsletterOf(product, id)).id, readers }
}

const manager = () => product.connections.db.manager

const rowOf = ({ newsletterId }: Going, reader?: KnownReader): Promise<Delivery> =>
  manager().findOneByOrFail(Delivery, { newsletterId, readerId: reader?.id ?? 0 })

const retriesOf = ({ newsletterId }: Going): Promise<DeliveryRetry[]> =>
  manager().findBy(DeliveryRetry, { newsletterId })

const sentCount = async ({ id }: Going): Promise<number> =>
  (await rowsOf(product, id)).filter(row => row.status === 'sent').length

/** What waits for its retry is due now. */
const makeDue = ({ newsletterId }: Going): Promise<unknown> =>
  manager().query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE newsletter_id = ?', [
    newsletterId,
  ])

const faults: [fault: Fault, smtpStatus: string | null][] = [
  ['450-rcpt', '4.2.1'],
  ['421-rcpt', '4.3.2'],
  ['451-data', '4.3.0'],
  ['450-dot', '4.7.1'],
  ['421-dot', '4.3.2'],
]

test.each(faults)(
  '%s keeps the delivery queued for another try in 15 minutes, and it is sent once when the server takes it',
  async (fault, smtpStatus) => {
    const sent = await going(`retry-${fault}`, 1, fault)
    const [reader] = sent.readers
    await until(async () => (await retriesOf(sent)).length === 1, 'a retry row')
    const [retry] = await retriesOf(sent)
    const inMs = (retry?.dueAt.getTime() ?? 0) - Date.now()
    expect(inMs).toBeGreaterThan(15 * MINUTE * 0.9 - 10_000)
    expect(inMs).toBeLessThan(15 * MINUTE * 1.1)
    const row = await rowOf(sent, reader)
    expect(row).toMatchObject({ status: 'queued', ...(smtpStatus ? { smtpStatus } : {}) })
    expect(row.diagnostic).not.toContain('@')
    await until(async () => (await sentCount(sent)) === 3, 'the others are sent')
    await sleep(1200)
    expect((await newsletterOf(product, sent.id)).status).toBe('SENDING')
    expect(messagesOf(product, sent.id).filter(({ answer }) => answer === 2)).toHaveLength(3)

    product.sink.heal()
    await makeDue(sent)
    await untilStatus(product, sent.id, 'SENT')
    expect(await checkNewsletter(product, sent.id)).toMatchObject({ sent: 4 })
    product.sink.heal(false)
  },
)

test.each([
  ['550-rcpt', '5.1.1'],
  ['554-dot', '5.7.1'],
] as const)(
  '%s fails the delivery for good, with the status and the words of the server and no address in them',
  async (fault, smtpStatus) => {
    const sent = await going(`refused-${fault}`, 2, fault)
    await untilStatus(product, sent.id, 'SENT')
    expect(await checkNewsletter(product, sent.id)).toMatchObject({ sent: 3, failed: 2 })
    const row = await rowOf(sent, sent.readers[0])
    expect(row).toMatchObject({ status: 'failed', smtpStatus })
    expect(row.diagnostic).toMatch(/no such mailbox|refused/)
    expect(row.diagnostic).not.toContain('@')
    expect(await retriesOf(sent)).toEqual([])
  },
)

test.each(['reset-after-dot', 'close-after-dot', 'half-after-dot'] as const)(
  '%s makes the delivery unknown, and it is never sent again by itself',
  async fault => {
    const sent = await going(`unknown-${fault}`, 5, fault)
    await untilStatus(product, sent.id, 'SENT')
    expect(await checkNewsletter(product, sent.id)).toMatchObject({ sent: 3, unknown: 5 })
    await sleep(2500)
    expect(deliveredOf(product, sent.id)).toHaveLength(8)
    expect(await retriesOf(sent)).toEqual([])
  },
)

test('a reader whose address cannot be opened is skipped, and the rest goes', async () => {
  const topic = await makeTopic(product, admin, 'broken')
  const readers = await makeReaders(product, 5, { purposes: ['topic:broken'] })
  const [broken] = readers
  await manager().query('UPDATE reader SET email_sealed = REVERSE(email_sealed) WHERE id = ?', [broken?.id])
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  await untilStatus(product, id, 'SENT')
  const rows = await rowsOf(product, id)
  expect(rows.filter(row => row.status === 'sent')).toHaveLength(4)
  expect(rows.find(row => row.readerId === broken?.id)).toMatchObject({
    status: 'skipped',
    skipReason: 'RENDER_ERROR',
  })
  await manager().query('UPDATE reader SET email_sealed = REVERSE(email_sealed) WHERE id = ?', [broken?.id])
})
