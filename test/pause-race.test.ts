import { setTimeout as sleep } from 'node:timers/promises'
import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import type { AnyData } from './support/api'
import { type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import { act, PAUSE, TOPIC_SAVE } from './support/centre'
import { checkNewsletter, completedAfter, rowsOf, untilReceived, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ sink: { delayMs: 15 }, env: { SMTP_CONNECTIONS: '4' } })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
})
afterAll(() => product?.stop())

const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString()

type Choice = (token: string) => Promise<AnyData>
const everything: Choice = token => act(product, PAUSE, { input: { until: tomorrow(), token } })
const oneTopic: Choice = token => {
  const input = { topicSlug: 'weekly', frequency: 'EVERY_ISSUE', pausedUntil: tomorrow(), token }
  return act(product, TOPIC_SAVE, { input })
}
const lessOften: Choice = token =>
  act(product, TOPIC_SAVE, { input: { topicSlug: 'weekly', frequency: 'AT_MOST_WEEKLY', token } })

test('of readers who pause while their newsletter goes out none gets it after the answer, but for what it names', async () => {
  const readers = await makeReaders(product, 300)
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  await untilReceived(product, id, 5)
  const answers: { reader: KnownReader; at: number; passed: string[] }[] = []
  const pausing = readers.filter((_, index) => index % 3 !== 0).values()
  const lane = async (choose: Choice) => {
    for (const reader of pausing) {
      const { alreadyPassed, userErrors } = await choose(await unsubscribeToken(product, id, reader))
      expect(userErrors).toEqual([])
      answers.push({ reader, at: Date.now(), passed: alreadyPassed })
      await sleep(5)
    }
  }
  await Promise.all([everything, oneTopic, everything, oneTopic].map(lane))
  await untilStatus(product, id, 'SENT')
  await checkNewsletter(product, id)

  const late: string[] = []
  for (const { reader, at, passed } of answers) {
    const mine = (await completedAfter(product, id, at)).filter(one =>
      one.endsWith(reader.reference.toString('hex')),
    )
    late.push(...mine.filter(one => !passed.includes(one)))
  }
  expect(late).toEqual([])
  const skipped = (await rowsOf(product, id)).filter(row => row.skipReason === 'PAUSED')
  expect(skipped.length).toBeGreaterThan(20)
  expect(skipped.every(row => answers.some(({ reader }) => reader.id === row.readerId))).toBe(true)
})

test('who asks for less between two issues that go out at once gets one of them, and both are accounted for', async () => {
  const other = await makeTopic(product, admin, 'daily')
  const readers = await makeReaders(product, 60, { purposes: ['topic:daily'] })
  const ids: string[] = []
  for (let n = 0; n < 2; n++) ids.push((await makeNewsletter(product, admin, other.id)).id)
  const [first = '', second = ''] = ids
  for (const reader of readers) {
    const token = await unsubscribeToken(product, first, reader)
    const input = { topicSlug: 'daily', frequency: 'AT_MOST_WEEKLY', token }
    void (await act(product, TOPIC_SAVE, { input }))
  }
  await scheduleNow(product, admin, first)
  await scheduleNow(product, admin, second)
  for (const id of ids) await untilStatus(product, id, 'SENT')
  const rows = [...(await rowsOf(product, first)), ...(await rowsOf(product, second))]
  expect(rows.filter(row => row.status === 'sent')).toHaveLength(60)
  expect(rows.filter(row => row.skipReason === 'FREQUENCY_CAP')).toHaveLength(60)
  expect(
    (await lessOften(await unsubscribeToken(product, first, readers[0] as KnownReader))).userErrors,
  ).toMatchObject([{ code: 'INVALID_STATE' }])
})
