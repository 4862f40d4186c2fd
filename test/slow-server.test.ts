import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryRetry } from '../src/entities/delivery-retry'
import { makeNewsletter, makeStaff, makeTopic, scheduleNow } from './support/actors'
import { ok } from './support/api'
import { makeReaders, unsubscribeToken } from './support/bulk-readers'
import { checkNewsletter, deliveredOf, rowsOf, until, untilStatus } from './support/checker'
import { startProduct } from './support/product'
import { startSmtpSink } from './support/smtp-sink'

test('a reader who leaves while a retry is past its gate leaves nothing open when the server defers it again', async () => {
  const slow = await startProduct({ sink: { delayMs: 600 } })
  try {
    const staff = await makeStaff(slow, 'ADMIN')
    const topic = await makeTopic(slow, staff, 'weekly')
    const [reader] = await makeReaders(slow, 1, { local: () => '450-dot.r' })
    if (!reader) throw new Error('No reader')
    const { id } = await makeNewsletter(slow, staff, topic.id)
    await scheduleNow(slow, staff, id)
    const { manager: db } = slow.connections.db
    await until(() => db.existsBy(DeliveryRetry, { readerId: reader.id }), 'a retry row')
    await db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)')
    await until(async () => (await rowsOf(slow, id))[0]?.status === 'sending', 'the retry is past its gate')
    const token = await unsubscribeToken(slow, id, reader)
    const { unsubscribe } = await ok(
      slow,
      'mutation ($input: UnsubscribeInput!) { unsubscribe(input: $input) { alreadyPassed } }',
      { input: { token, scope: 'TOPIC' } },
    )
    expect(unsubscribe.alreadyPassed).toHaveLength(1)
    await until(async () => (await rowsOf(slow, id))[0]?.status === 'queued', 'it is deferred again')
    await db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)')
    await untilStatus(slow, id, 'SENT')
    expect(await checkNewsletter(slow, id)).toMatchObject({ sent: 0, skipped: 1 })
    expect(deliveredOf(slow, id)).toEqual([])
  } finally {
    await slow.stop()
  }
})

test('a retry to a server slower than the lease still gets through, once', async () => {
  const slow = await startProduct({ env: { LEASE_SECONDS: '1' }, sink: { delayMs: 450 } })
  try {
    const staff = await makeStaff(slow, 'ADMIN')
    const topic = await makeTopic(slow, staff, 'weekly')
    await makeReaders(slow, 1, { local: () => '450-dot.r' })
    const { id } = await makeNewsletter(slow, staff, topic.id)
    await scheduleNow(slow, staff, id)
    const { manager: db } = slow.connections.db
    await until(() => db.existsBy(DeliveryRetry, {}), 'a retry row')
    slow.sink.heal()
    await db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)')
    await untilStatus(slow, id, 'SENT', 15)
    expect(await checkNewsletter(slow, id)).toMatchObject({ sent: 1 })
  } finally {
    await slow.stop()
  }
})

test('a domain too busy for many messages in a row gets the rest a quarter of an hour later, the others go on', async () => {
  const product = await startProduct()
  try {
    const staff = await makeStaff(product, 'ADMIN')
    const topic = await makeTopic(product, staff, 'weekly')
    const busy = await makeReaders(product, 200, { local: n => `452-data.r${n}`, domain: 'busy.example' })
    await makeReaders(product, 50)
    const { id } = await makeNewsletter(product, staff, topic.id)
    await scheduleNow(product, staff, id)
    const { manager: db } = product.connections.db
    await until(async () => (await db.countBy(DeliveryRetry, {})) === busy.length, 'all of the domain wait')
    await until(() => deliveredOf(product, id).length === 50, 'the others are sent')
    const waiting = (await rowsOf(product, id)).filter(row => row.status === 'queued')
    expect(waiting).toHaveLength(busy.length)
    const tried = waiting.filter(row => row.smtpStatus !== null).length
    // Ten in a row, and what was on the connections already.
    expect(tried).toBeGreaterThanOrEqual(10)
    expect(tried).toBeLessThan(100)
    const [{ soon }] = await db.query(
      'SELECT COUNT(*) AS soon FROM delivery_retry WHERE due_at < UTC_TIMESTAMP(3) + INTERVAL 12 MINUTE',
    )
    expect(Number(soon)).toBe(0)
    product.sink.heal()
    await db.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3)')
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: 250 })
  } finally {
    await product.stop()
  }
})

test('with the server away nothing is lost and nothing counts as tried; when it is back everything is sent', async () => {
  const away = await startProduct({ env: { LEASE_SECONDS: '1' } })
  try {
    const staff = await makeStaff(away, 'ADMIN')
    const topic = await makeTopic(away, staff, 'weekly')
    await makeReaders(away, 60)
    const { port } = new URL(away.sink.url)
    await away.sink.close()
    const { id } = await makeNewsletter(away, staff, topic.id)
    await scheduleNow(away, staff, id)
    await until(async () => (await rowsOf(away, id)).length === 60, 'the rows')
    await sleep(2000)
    const rows = await rowsOf(away, id)
    expect(rows.every(row => row.status === 'queued' && row.attempts === 0)).toBe(true)
    const back = { ...away, sink: await startSmtpSink({ port: Number(port) }) }
    await untilStatus(back, id, 'SENT')
    expect(await checkNewsletter(back, id)).toMatchObject({ sent: 60 })
    await back.sink.close()
  } finally {
    await away.stop()
  }
})
