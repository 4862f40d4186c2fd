import { Permit } from '../src/consent/permit'
import type { Message } from '../src/mail/message'
import { bytesOf } from '../src/mail/parts'
import { createHandOff, type HandOff } from '../src/mail/smtp'
import type { HandOffResult } from '../src/mail/smtp-result'
import type { GateAnswer } from '../src/mail/smtp-work'
import { type Fault, type SmtpSink, startSmtpSink } from './support/smtp-sink'

const pass = async (): Promise<GateAnswer> => ({ kind: 'passed', permit: Permit.afterCommit() })
// Well under the connections' time-out below: an ending that is noticed, not waited for.
const SOON_MS = 600
const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

const messageTo = (local: string, bytes = 40_000): Message => ({
  envelope: { from: 'b+token@bounces.example', to: `${local}@example.org` },
  messageId: '<token@example.org>',
  parts: [`Subject: x\r\n\r\n${'.A line of the body\r\n'.repeat(Math.ceil(bytes / 20))}The end\r\n`],
})

describe.each([
  { transport: 'plain' as const, isPipelining: false },
  { transport: 'plain' as const, isPipelining: true },
  { transport: 'pipelined' as const, isPipelining: false },
  { transport: 'pipelined' as const, isPipelining: true },
])('hand-off ($transport, the server offers PIPELINING: $isPipelining)', ({ transport, ...options }) => {
  let sink: SmtpSink
  let door: HandOff

  beforeEach(async () => {
    sink = await startSmtpSink(options)
    door = createHandOff({
      servers: [{ url: sink.url, weight: 1 }],
      connections: 2,
      transport,
      times: { stepMs: 800, dotMs: 800 },
    })
  })
  afterEach(async () => {
    await door.close()
    await sink.close()
  })

  test('a passed gate hands the message over once, byte for byte, to the one recipient of the envelope', async () => {
    const message = messageTo('reader')

    const result = await door.handOff(message, pass)

    expect(result).toMatchObject({ kind: 'sent', smtpStatus: '2.0.0', stage: 'dot', gatePassed: true })
    expect(sink.received).toHaveLength(1)
    expect(sink.received[0]).toMatchObject({ from: 'b+token@bounces.example', to: ['reader@example.org'] })
    expect(sink.received[0]?.data.equals(bytesOf(message.parts))).toBe(true)
  })

  test('a message shorter than what is held back waits for the gate as well', async () => {
    const message = { ...messageTo('reader'), parts: ['Subject: x\r\n\r\n.\r\n'] }
    let seen = -1

    await door.handOff(message, async () => {
      seen = sink.received.length
      return pass()
    })

    expect(seen).toBe(0)
    expect(sink.received[0]?.data.equals(bytesOf(message.parts))).toBe(true)
  })

  const states: [Fault, HandOffResult['kind'], Record<string, unknown>, number][] = [
    ['450-rcpt', 'deferred', { stage: 'rcpt', smtpStatus: '4.2.1', gatePassed: false }, 0],
    ['550-rcpt', 'rejected', { stage: 'rcpt', smtpStatus: '5.1.1', gatePassed: false }, 0],
    ['421-rcpt', 'deferred', { smtpStatus: '4.3.2', gatePassed: false }, 0],
    ['451-data', 'deferred', { stage: 'data', smtpStatus: '4.3.0', gatePassed: false }, 0],
    ['554-dot', 'rejected', { stage: 'dot', smtpStatus: '5.7.1', gatePassed: true }, 0],
    ['450-dot', 'deferred', { stage: 'dot', smtpStatus: '4.7.1', gatePassed: true }, 0],
    ['421-dot', 'deferred', { stage: 'dot', smtpStatus: '4.3.2', gatePassed: true }, 0],
    ['reset-after-dot', 'unknown', { stage: 'dot', gatePassed: true }, 1],
    ['close-after-dot', 'unknown', { stage: 'dot', gatePassed: true }, 1],
    ['half-after-dot', 'unknown', { stage: 'dot', gatePassed: true }, 1],
    ['silent-after-dot', 'unknown', { stage: 'dot', gatePassed: true }, 1],
  ]
  test.each(states)(
    '%s leads to %s and is never sent again by itself',
    async (fault, kind, fields, accepted) => {
      const result = await door.handOff(messageTo(`${fault}.reader`), pass)
      await wait(150)

      expect(result).toMatchObject({ kind, ...fields })
      expect(sink.accepted()).toHaveLength(accepted)
      expect(sink.received.length).toBeLessThanOrEqual(1)
      expect(sink.commands.filter(line => line.startsWith('MAIL'))).toHaveLength(1)
    },
  )

  test('a diagnostic names no address', async () => {
    const result = await door.handOff(messageTo('550-rcpt.reader'), pass)

    expect(JSON.stringify(result)).toContain('no such mailbox')
    expect(JSON.stringify(result)).not.toContain('@')
  })

  test('a connection reset before the dot leaves no message and may be tried again', async () => {
    const slow = () => wait(200).then(pass)

    const result = await door.handOff(messageTo('reset-before-dot.reader'), slow)

    // The gate had passed, yet its permit was never used: provably not sent.
    expect(result).toMatchObject({ kind: 'deferred', stage: 'body' })
    expect(sink.received).toHaveLength(0)
  })

  test.each<[Fault, string]>([
    ['554-in-body', 'rejected'],
    ['250-in-body', 'deferred'],
  ])(
    'a reply in the middle of the body (%s) ends the message before its dot, whatever the gate says',
    async (fault, kind) => {
      const one = createHandOff({ servers: [{ url: sink.url, weight: 1 }], connections: 1, transport })
      const startedAt = Date.now()
      const result = await one.handOff(messageTo(`${fault}.reader`), () => wait(100).then(pass))
      const next = await one.handOff(messageTo('next'), pass)
      await one.close()

      expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
      expect(sink.connectionCount()).toBe(2)
      expect(result).toMatchObject({ kind, stage: 'body' })
      expect(next.kind).toBe('sent')
      expect(sink.received.map(({ to }) => to)).toEqual([['next@example.org']])
      expect(sink.received[0]?.data.toString()).not.toContain('MAIL FROM')
    },
  )

  test('a refused gate leaves the server without a message and names the reason', async () => {
    const startedAt = Date.now()
    const result = await door.handOff(messageTo('reader'), async () => ({
      kind: 'refused',
      reason: 'CONSENT_WITHDRAWN',
    }))
    await wait(100)

    expect(result).toEqual({ kind: 'refused', reason: 'CONSENT_WITHDRAWN' })
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
    expect(sink.received).toHaveLength(0)
  })

  test('a gate that throws leaves the server without a message', async () => {
    const result = await door.handOff(messageTo('reader'), () => Promise.reject(new Error('COMMIT failed')))
    await wait(100)

    expect(result).toMatchObject({ kind: 'not-sent', error: { message: 'COMMIT failed' } })
    expect(sink.received).toHaveLength(0)
  })

  test('something that only looks like a permit opens nothing', async () => {
    const forged = { kind: 'passed', permit: {} } as GateAnswer

    const result = await door.handOff(messageTo('reader'), async () => forged)
    await wait(100)

    expect(result.kind).toBe('not-sent')
    expect(sink.received).toHaveLength(0)
  })

  test('the gate is asked once, and only when the server has everything but the end', async () => {
    let asked = 0
    await door.handOff(messageTo('reader', 400_000), async () => {
      asked++
      expect(sink.received).toHaveLength(0)
      return pass()
    })
    await door.handOff(messageTo('550-rcpt.reader'), async () => {
      asked++
      return pass()
    })

    expect(asked).toBe(1)
  })

  test('connections carry one message after the other, also after a refused recipient', async () => {
    const one = createHandOff({ servers: [{ url: sink.url, weight: 1 }], connections: 1, transport })
    for (const local of ['a', '550-rcpt.b', 'c', '554-dot.d', 'e'])
      await one.handOff(messageTo(local, 500), pass)
    await one.close()

    expect(sink.connectionCount()).toBe(1)
    expect(sink.accepted().map(({ to }) => to[0])).toEqual([
      'a@example.org',
      'c@example.org',
      'e@example.org',
    ])
  })

  test.each<Fault>(['reset-after-dot', 'close-after-dot', 'silent-after-dot', '421-dot'])(
    'on a connection used before, %s is not sent again either',
    async fault => {
      await door.handOff(messageTo('first', 500), pass)

      const result = await door.handOff(messageTo(`${fault}.second`), pass)
      await wait(150)

      expect(result.kind).toBe(fault === '421-dot' ? 'deferred' : 'unknown')
      expect(sink.received).toHaveLength(2)
      expect(sink.commands.filter(line => line.startsWith('MAIL'))).toHaveLength(2)
    },
  )

  test('a connection the server closed while idle is replaced, and the message goes once', async () => {
    await door.handOff(messageTo('first', 500), pass)
    sink.hangUp()

    const result = await door.handOff(messageTo('second', 500), pass)

    expect(result.kind).toBe('sent')
    expect(sink.received.map(({ to }) => to[0])).toEqual(['first@example.org', 'second@example.org'])
  })

  test('many messages over two connections all arrive once, each with its own recipient', async () => {
    const locals = Array.from({ length: 60 }, (_, index) => `reader${index}`)

    const results = await Promise.all(locals.map(local => door.handOff(messageTo(local, 3_000), pass)))

    expect(results.every(({ kind }) => kind === 'sent')).toBe(true)
    expect(sink.received.map(({ to }) => to).sort()).toEqual(
      locals.map(local => [`${local}@example.org`]).sort(),
    )
    expect(sink.connectionCount()).toBeLessThanOrEqual(2)
  })

  test('closing waits for the message under way and refuses the next', async () => {
    const sending = door.handOff(messageTo('reader'), () => wait(200).then(pass))
    await wait(50)

    await door.close()

    expect((await sending).kind).toBe('sent')
    expect(await door.handOff(messageTo('late'), pass)).toMatchObject({
      kind: 'deferred',
      stage: 'connect',
    })
    expect(sink.received).toHaveLength(1)
  })
})

test('a server that is not there defers the message without asking the gate', async () => {
  const door = createHandOff({ servers: [{ url: 'smtp://127.0.0.1:1', weight: 1 }], connections: 1 })
  const gate = jest.fn(pass)

  const result = await door.handOff(messageTo('reader'), gate)
  await door.close()

  expect(result).toMatchObject({ kind: 'deferred', stage: 'connect', gatePassed: false })
  expect(gate).not.toHaveBeenCalled()
})

test.each(['plain', 'pipelined'] as const)(
  'a server that was away gets all its connections again when it is back (%s)',
  async transport => {
    const first = await startSmtpSink()
    await first.close()
    const door = createHandOff({ servers: [{ url: first.url, weight: 1 }], connections: 5, transport })
    const slowly = () => wait(150).then(pass)
    const all = () =>
      Promise.all(Array.from({ length: 20 }, (_, n) => door.handOff(messageTo(`r${n}`, 500), slowly)))
    expect((await all()).map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'deferred'))
    const back = await startSmtpSink({ port: first.port })

    const results = await all()

    expect(results.every(({ kind }) => kind === 'sent')).toBe(true)
    expect(back.connectionCount()).toBe(5)
    await door.close()
    await back.close()
  },
)

test('two servers share the messages by their weights', async () => {
  const sinks = [await startSmtpSink(), await startSmtpSink()]
  const door = createHandOff({
    servers: sinks.map(({ url }, index) => ({ url, weight: index === 0 ? 3 : 1 })),
    connections: 4,
  })

  for (let index = 0; index < 8; index++) await door.handOff(messageTo(`reader${index}`, 500), pass)
  await door.close()

  expect(sinks.map(({ received }) => received.length)).toEqual([6, 2])
  await Promise.all(sinks.map(sink => sink.close()))
})
