import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Permit } from '../src/consent/permit'
import type { Message } from '../src/mail/message'
import { createHandOff, type HandOff, type HandOffOptions, type TransportName } from '../src/mail/smtp'
import type { GateAnswer } from '../src/mail/smtp-work'
import { until } from './support/checker'
import { type Fault, type SmtpSink, startSmtpSink } from './support/smtp-sink'

const pass = async (): Promise<GateAnswer> => ({ kind: 'passed', permit: Permit.afterCommit() })
const locals = (count: number): string[] => Array.from({ length: count }, (_, n) => `r${n}`)
const recipientsIn = (sink: SmtpSink): (string | undefined)[] => sink.received.map(({ to }) => to[0])
const commandsOf = (sink: SmtpSink, verb: string): string[] =>
  sink.commands.filter(line => line.startsWith(verb))

const messageTo = (local: string): Message => ({
  envelope: { from: 'b+token@bounces.example', to: `${local}@example.org` },
  messageId: '<token@example.org>',
  parts: [`Subject: x\r\n\r\n${'A line of the body\r\n'.repeat(50)}`],
})

describe.each([
  { transport: 'plain' as const, isPipelining: false },
  { transport: 'plain' as const, isPipelining: true },
  { transport: 'pipelined' as const, isPipelining: false },
  { transport: 'pipelined' as const, isPipelining: true },
])('connections ($transport, the server offers PIPELINING: $isPipelining)', ({ transport, isPipelining }) => {
  let sink: SmtpSink
  let door: HandOff

  const open = (options: Partial<HandOffOptions> = {}): HandOff => {
    door = createHandOff({
      servers: [{ url: sink.url, weight: 1 }],
      connections: 1,
      transport,
      ...options,
    })
    return door
  }
  const send = (local: string) => door.handOff(messageTo(local), pass)

  beforeEach(async () => {
    sink = await startSmtpSink({ isPipelining })
  })
  afterEach(async () => {
    await sink.close()
    await door.close()
  })

  test('a connection carries as many waiting messages as it may, then says goodbye and is replaced', async () => {
    open({ messagesPerConnection: 3 })

    const results = await Promise.all(locals(10).map(send))
    await door.close()
    await until(() => commandsOf(sink, 'QUIT').length === 4, 'the last goodbye', 10)

    expect(results.every(({ kind }) => kind === 'sent')).toBe(true)
    expect(recipientsIn(sink)).toEqual(locals(10).map(local => `${local}@example.org`))
    expect(sink.received.map(({ connection }) => connection)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4])
    expect(sink.connectionCount()).toBe(4)
  })

  test('messages that come one by one count towards what a connection may carry as well', async () => {
    open({ messagesPerConnection: 3 })

    for (const local of locals(10)) {
      expect((await send(local)).kind).toBe('sent')
      // By then the connection is idle.
      await sleep(5)
    }
    await door.close()
    await until(() => commandsOf(sink, 'QUIT').length === sink.connectionCount(), 'all goodbyes', 10)

    expect(recipientsIn(sink)).toEqual(locals(10).map(local => `${local}@example.org`))
    expect(sink.received.map(({ connection }) => connection)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4])
  })

  test('a connection with nothing to do for long says goodbye, and the next message gets a new one', async () => {
    open({ times: { idleMs: 30 } })

    const first = await send('first')
    await until(() => commandsOf(sink, 'QUIT').length === 1, 'a goodbye', 10)
    const second = await send('second')

    expect([first.kind, second.kind]).toEqual(['sent', 'sent'])
    expect(recipientsIn(sink)).toEqual(['first@example.org', 'second@example.org'])
    expect(sink.received.map(({ connection }) => connection)).toEqual([1, 2])
  })

  test('messages that come at the moment when idle connections are given up are all sent, once each', async () => {
    open({ connections: 2, times: { idleMs: 10 } })

    const results = []
    for (const [index, local] of locals(40).entries()) {
      results.push(send(local))
      await sleep(8 + (index % 5))
    }
    const kinds = (await Promise.all(results)).map(({ kind }) => kind)

    expect(kinds.every(kind => kind === 'sent')).toBe(true)
    expect(recipientsIn(sink).sort()).toEqual(
      locals(40)
        .map(local => `${local}@example.org`)
        .sort(),
    )
    expect(sink.connectionCount()).toBeGreaterThan(2)
  })

  test.each<Fault>(['silent-rcpt', 'reset-rcpt', 'close-rcpt', '421-rcpt', '421-data'])(
    'a reader at whom the server gives up (%s) on a connection used before costs that one connection',
    async fault => {
      open({ times: { stepMs: 600, dotMs: 600 } })

      await send('before')
      const result = await send(`${fault}.r`)
      const after = await send('after')

      expect(result.kind).toBe('deferred')
      // That would be the end of everybody's mail: no server.
      expect(result).not.toMatchObject({ stage: 'connect' })
      expect(after.kind).toBe('sent')
      expect(sink.commands.filter(line => line.startsWith(`RCPT TO:<${fault}.r@`))).toHaveLength(1)
      expect(recipientsIn(sink)).toEqual(['before@example.org', 'after@example.org'])
    },
  )
})

describe('how long a server may take, unless told otherwise', () => {
  const MINUTE = 60_000
  const SECOND = 1_000
  let sink: SmtpSink
  const clocks = new Map<Socket, NodeJS.Timeout>()

  beforeEach(async () => {
    sink = await startSmtpSink({ isPipelining: true })
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'hrtime',
        'nextTick',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setTimeout',
        'clearTimeout',
      ],
    })
    // Node's sockets have a clock of their own; here they go by the test's.
    jest.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, ms: number) {
      clearInterval(clocks.get(this))
      if (ms > 0)
        clocks.set(
          this,
          setInterval(() => this.emit('timeout'), ms),
        )
      return this
    })
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    jest.useRealTimers()
    await sink.close()
  })

  const cases: [TransportName, Fault, number, string][] = [
    ['pipelined', 'silent-after-dot', 10, 'unknown'],
    ['plain', 'silent-after-dot', 10, 'unknown'],
    ['pipelined', 'silent-rcpt', 5, 'deferred'],
    ['plain', 'silent-rcpt', 5, 'deferred'],
  ]
  test.each(cases)(
    '%s: %s is waited out for %i minutes (RFC 5321 §4.5.3.2), then the message is %s',
    async (transport, fault, minutes, kind) => {
      const door = createHandOff({ servers: [{ url: sink.url, weight: 1 }], connections: 1, transport })
      let ended: string | undefined
      const asked = fault === 'silent-rcpt' ? () => commandsOf(sink, 'RCPT') : () => sink.received

      const sending = door.handOff(messageTo(`${fault}.r`), pass).then(result => {
        ended = result.kind
      })
      await until(() => asked().length === 1, 'the server is silent', 10)
      await sleep(50)
      jest.advanceTimersByTime(minutes * MINUTE - SECOND)
      await sleep(50)
      expect(ended).toBeUndefined()
      jest.advanceTimersByTime(10 * MINUTE)
      await sending

      expect(ended).toBe(kind)
      await door.close()
    },
  )
})
