import { Permit } from '../src/consent/permit'
import type { Message } from '../src/mail/message'
import { createHandOff } from '../src/mail/smtp'
import type { GateAnswer } from '../src/mail/smtp-work'
import { makeNewsletter, makeStaff, makeTopic, register, registerInput, scheduleNow } from './support/actors'
import { makeReaders } from './support/bulk-readers'
import { messagesOf, untilReceived, untilStatus } from './support/checker'
import { waitForMail } from './support/mail'
import { startProduct } from './support/product'
import { startSmtpSink } from './support/smtp-sink'

const pass = async (): Promise<GateAnswer> => ({ kind: 'passed', permit: Permit.afterCommit() })

const messageTo = (local: string): Message => ({
  envelope: { from: 'b+token@bounces.example', to: `${local}@example.org` },
  messageId: '<token@example.org>',
  parts: [`Subject: x\r\n\r\n${'A line of the body\r\n'.repeat(200)}`],
})

test.each(['plain', 'pipelined'] as const)(
  'on one connection a notice goes next, and newsletters take turns (%s)',
  async transport => {
    const sink = await startSmtpSink({ isPipelining: true, delayMs: 5 })
    const door = createHandOff({ servers: [{ url: sink.url, weight: 1 }], connections: 1, transport })
    const lanes = [
      ...Array.from({ length: 30 }, (_, n) => [`large${n}`, 'large'] as const),
      ...Array.from({ length: 5 }, (_, n) => [`small${n}`, 'small'] as const),
    ]
    const sending = lanes.map(([local, lane]) => door.handOff(messageTo(local), pass, lane))
    sending.push(door.handOff(messageTo('notice'), pass))
    await Promise.all(sending)
    await door.close()
    await sink.close()

    const order = sink.received.map(({ to }) => to[0]?.split('@')[0] ?? '')
    expect(order).toHaveLength(36)
    // One is under way, and one may be behind it.
    expect(order.indexOf('notice')).toBeLessThanOrEqual(2)
    expect(order.indexOf('small4')).toBeLessThanOrEqual(13)
    for (const lane of ['large', 'small']) {
      const numbers = order.filter(local => local.startsWith(lane)).map(local => Number(local.slice(5)))
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
  },
)

test('while a large newsletter goes out a sign-up gets its mail, and a small newsletter ends', async () => {
  const LARGE = 400
  const product = await startProduct({ sink: { delayMs: 20 }, env: { SMTP_CONNECTIONS: '2' } })
  const admin = await makeStaff(product, 'ADMIN')
  const newsletterTo = async (slug: string, readers: number): Promise<string> => {
    const topic = await makeTopic(product, admin, slug)
    await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
    const { id } = await makeNewsletter(product, admin, topic.id)
    await scheduleNow(product, admin, id)
    return id
  }
  const large = await newsletterTo('large', LARGE)
  await untilReceived(product, large, 10)

  const input = await registerInput(product, ['topic:large'])
  const before = messagesOf(product, large).length
  await register(product, input)
  await waitForMail(product, input.email)
  expect(messagesOf(product, large).length - before).toBeLessThan(LARGE / 4)

  const small = await newsletterTo('small', 10)
  await untilStatus(product, small, 'SENT')
  expect(messagesOf(product, large).length).toBeLessThan(LARGE)
  await product.stop()
})
