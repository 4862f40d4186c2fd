import { setTimeout as sleep } from 'node:timers/promises'
import { touchReader } from '../src/consent/readers'
import { withdraw } from '../src/consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../src/entities/consent-event'
import { Reader } from '../src/entities/reader'
import { Topic } from '../src/entities/topic'
import { seal } from '../src/secrets/seal'
import { transaction } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, ok } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import {
  checkNewsletter,
  completedAfter,
  deliveredOf,
  newsletterOf,
  rowsOf,
  until,
  untilReceived,
  untilStatus,
} from './support/checker'
import { parseMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({
    worker: false,
    sink: { delayMs: 25 },
    env: { SMTP_CONNECTIONS: '6' },
  })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

interface Answer {
  reader: KnownReader
  at: number
  /** Named deliveries, or how many there were where the door tells a number only. */
  passed: string[] | number
}

type Door = (publicId: string, reader: KnownReader) => Promise<string[] | number>

const oneClick: Door = async (publicId, reader) => {
  const response = await fetch(`${product.url}/u/${await unsubscribeToken(product, publicId, reader)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  })
  expect(response.status).toBe(200)
  return (await response.text()).includes('One already on its way may still arrive.') ? 1 : 0
}

const mutation: Door = async (publicId, reader) => {
  const token = await unsubscribeToken(product, publicId, reader)
  const { unsubscribe } = await ok(
    product,
    `mutation ($input: UnsubscribeInput!) { unsubscribe(input: $input) { alreadyPassed userErrors { code } } }`,
    { input: { token, scope: 'TOPIC' } },
  )
  expect(unsubscribe.userErrors).toEqual([])
  return unsubscribe.alreadyPassed
}

const verb: Door = async (publicId, { id }) => {
  const { db } = product.connections
  const { topicId } = await newsletterOf(product, publicId)
  const { purposeId } = await db.manager.findOneByOrFail(Topic, { id: topicId })
  const { alreadyPassed } = await transaction(db, tx =>
    withdraw(tx, {
      readerId: id,
      scope: { purposeId },
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId: null,
    }),
  )
  return alreadyPassed
}

test('of 390 readers who leave while their newsletter goes out none gets it after the answer, but for what the answer names', async () => {
  const readers = await makeReaders(product, 600)
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  startWorkerProcess(product)
  await untilReceived(product, id, 5)
  const answers: Answer[] = []
  const doors = [oneClick, mutation, verb]
  // Spread over the whole audience: in front of the sending, in the middle of it and behind it.
  const leavers = readers.filter((_, index) => index % 20 < 13).values()
  const leave = async (lane: number) => {
    for (const reader of leavers) {
      const passed = await doors[lane % doors.length]?.(id, reader)
      answers.push({ reader, at: Date.now(), passed: passed ?? 0 })
      await sleep(15)
    }
  }
  await Promise.all([0, 1, 2, 3, 4, 5].map(leave))
  await untilStatus(product, id, 'SENT')
  const counts = await checkNewsletter(product, id)
  expect(answers).toHaveLength(390)
  const late = await Promise.all(answers.map(answer => lateMessages(id, answer)))
  expect(late.flat()).toEqual([])
  const left = new Set(answers.map(({ reader }) => reader.id))
  const skipped = (await rowsOf(product, id)).filter(
    row => left.has(row.readerId) && row.status === 'skipped',
  )
  expect(skipped.every(row => row.skipReason === 'CONSENT_WITHDRAWN')).toBe(true)
  // The race was one: some left in time, some too late.
  expect(skipped.length).toBeGreaterThan(50)
  expect(counts.sent).toBeGreaterThan(210)
})

/** Messages to this reader that were completed after their answer and are not in it. */
async function lateMessages(publicId: string, { reader, at, passed }: Answer): Promise<string[]> {
  const messages = deliveredOf(product, publicId).filter(one => one.to[0] === reader.email && one.at > at)
  if (typeof passed === 'number') return messages.length <= passed ? [] : [`${reader.email} (one-click)`]
  const later = messages.length > 0 ? await completedAfter(product, publicId, at) : []
  const { reference } = reader
  const mine = later.filter(id => id.endsWith(reference.toString('hex')))
  return mine.filter(id => !passed.includes(id))
}

test('a reader who changes between composing and gate gets the message composed again, once', async () => {
  const slow = await startProduct({ worker: false, sink: { delayMs: 200 } })
  try {
    const staff = await makeStaff(slow, 'ADMIN')
    const other = await makeTopic(slow, staff, 'weekly')
    const [reader] = await makeReaders(slow, 1, {
      purposes: ['topic:weekly', 'personalisation'],
      name: 'Old Name',
    })
    if (!reader) throw new Error('No reader')
    const { id } = await makeNewsletter(slow, staff, other.id)
    await scheduleNow(slow, staff, id)
    slow.startWorker()
    await until(() => slow.sink.commands.some(line => line.startsWith('MAIL')), 'the message is under way')
    const { db, keyring } = slow.connections
    const nameSealed = seal(keyring, 'New Name', `reader.name:${reader.reference.toString('hex')}`).data
    await transaction(db, async tx => {
      await touchReader(tx, reader.id)
      await tx.update(Reader, reader.id, { nameSealed })
    })
    await untilStatus(slow, id, 'SENT')
    expect(await checkNewsletter(slow, id)).toMatchObject({ sent: 1 })
    const [message] = deliveredOf(slow, id)
    if (!message) throw new Error('No message')
    expect((await parseMail(message)).subject).toBe('News for New Name')
    expect(slow.sink.commands.filter(line => line.startsWith('MAIL'))).toHaveLength(2)
  } finally {
    await slow.stop()
  }
})
