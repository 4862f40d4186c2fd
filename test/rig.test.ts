// The measuring tools measured: what the SMTP sink and the faulty network do when they are asked to.
import fc from 'fast-check'
import { startFaultProxy } from './support/fault-proxy'
import { RawSmtp } from './support/raw-smtp'
import { FAULT_TABLE } from './support/smtp-fault-table'
import {
  FAULTS,
  type Fault,
  type SinkOptions,
  type SmtpSink,
  startSmtpSink,
  testAuthority,
} from './support/smtp-sink'
import { DotBody } from './support/smtp-sink/body'
import { parseFault } from './support/smtp-sink/faults'

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const sinks: SmtpSink[] = []
const clients: RawSmtp[] = []

async function sinkWith(options: SinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options)
  sinks.push(sink)
  return sink
}

const open = (port: number): RawSmtp => {
  const client = new RawSmtp(port)
  clients.push(client)
  return client
}

/** Past EHLO. */
async function ready(port: number): Promise<RawSmtp> {
  const client = open(port)
  await client.reply()
  await client.ask('EHLO rig')
  return client
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await Promise.all(sinks.splice(0).map(sink => sink.close()))
})

const envelope = (local = 'reader') => `MAIL FROM:<us@site.example>\r\nRCPT TO:<${local}@example.org>\r\n`
const mail = (local = 'reader', body = 'Subject: x\r\n\r\nbody\r\n') =>
  `${envelope(local)}DATA\r\n${body}.\r\n`
const stuffed = (message: string) => message.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..')

const line = fc.constantFrom(
  '',
  '.',
  '..',
  '.x',
  'x',
  'x.',
  '\n.\n',
  '\r',
  '\n',
  '.\r',
  'é',
  '\u0000',
  'MAIL FROM:<x>',
)
const message = fc.array(line, { maxLength: 12 }).map(lines => lines.map(one => `${one}\r\n`).join(''))

describe('the sink takes messages', () => {
  test('commands and the body in one packet are answered in order, and what follows the dot is a command', async () => {
    const sink = await sinkWith({ isPipelining: true })
    const client = await ready(sink.port)
    client.send(`${mail('one')}${mail('two')}NOOP\r\nQUIT\r\n`)
    expect(await client.codes(10)).toEqual([
      '250',
      '250',
      '354',
      '250',
      '250',
      '250',
      '354',
      '250',
      '250',
      '221',
    ])
    expect(sink.received).toEqual(
      ['one', 'two'].map(local => ({
        at: expect.any(Number),
        from: 'us@site.example',
        to: [`${local}@example.org`],
        data: Buffer.from('Subject: x\r\n\r\nbody\r\n'),
        answer: 2,
        by: 'data',
        connection: 1,
      })),
    )
  })

  test('a message arrives byte for byte wherever it is split, with lines of dots and bare line ends', () => {
    fc.assert(
      fc.property(message, text => {
        const wire = Buffer.from(`${stuffed(text)}.\r\nNOOP\r\n`)
        const end = wire.length - 'NOOP\r\n'.length
        for (let at = 0; at <= end; at++) {
          const body = new DotBody()
          const rest = body.take(wire.subarray(0, at)) ?? body.take(wire.subarray(at, end))
          const isWhole = rest?.length === 0 && body.message().equals(Buffer.from(text))
          if (!isWhole) throw new Error(`Not whole when split at ${at}`)
        }
        const bytewise = new DotBody()
        const ends = [...wire.subarray(0, end)].map(byte => bytewise.take(Buffer.from([byte])) !== undefined)
        expect(ends.indexOf(true)).toBe(end - 1)
        expect(bytewise.message()).toEqual(Buffer.from(text))
      }),
      { numRuns: 300 },
    )
  })

  test('sessions in packets of any size keep every message once and whole', async () => {
    const sink = await sinkWith({ isPipelining: true })
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        async (texts, cuts) => {
          sink.received.length = 0
          const client = await ready(sink.port)
          const wire = Buffer.from(texts.map(text => mail('reader', stuffed(text))).join(''))
          const marks = [0, ...cuts.filter(cut => cut < wire.length).sort((a, b) => a - b), wire.length]
          for (const [index, from] of marks.slice(0, -1).entries()) {
            client.send(wire.subarray(from, marks[index + 1]))
            await new Promise(resolve => setImmediate(resolve))
          }
          expect(await client.codes(4 * texts.length)).toEqual(
            texts.flatMap(() => ['250', '250', '354', '250']),
          )
          client.close()
          expect(sink.received.map(({ data }) => data.toString())).toEqual(texts)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('BDAT takes any bytes in several chunks and counts the message once, at LAST', async () => {
    const sink = await sinkWith({ extensions: ['PIPELINING', 'CHUNKING'] })
    const client = await ready(sink.port)
    client.send(`${envelope()}BDAT 8\r\nno.\r\n.\r\nBDAT 0\r\n`)
    expect(await client.codes(4)).toEqual(['250', '250', '250', '250'])
    expect(sink.received).toHaveLength(0)
    client.send(`BDAT 6 LAST\r\nMAIL\r\n${envelope('two')}BDAT 2 LAST\r\nok`)
    expect(await client.codes(4)).toEqual(['250', '250', '250', '250'])
    expect(sink.received.map(({ data, by, to }) => [data.toString(), by, to])).toEqual([
      ['no.\r\n.\r\nMAIL\r\n', 'bdat', ['reader@example.org']],
      ['ok', 'bdat', ['two@example.org']],
    ])
  })

  test('after RSET nothing is left of a message begun with BDAT, and bytes for nobody are swallowed', async () => {
    const sink = await sinkWith({ extensions: ['PIPELINING', 'CHUNKING'] })
    const client = await ready(sink.port)
    client.send(`${envelope()}BDAT 4\r\nold\nRSET\r\n${envelope('new')}BDAT 3 LAST\r\nnew`)
    expect(await client.codes(7)).toEqual(['250', '250', '250', '250', '250', '250', '250'])
    client.send(`${envelope('550-rcpt.x')}BDAT 6 LAST\r\nDATA\r\nNOOP\r\n`)
    expect(await client.codes(4)).toEqual(['250', '550', '503', '250'])
    expect(sink.received.map(({ data }) => data.toString())).toEqual(['new'])
  })

  test('a strict server refuses what it did not offer', async () => {
    const sink = await sinkWith({ extensions: ['SIZE'], maxBytes: 100 })
    const client = await ready(sink.port)
    expect(await client.ask('BDAT 3 LAST')).toBe('502 not offered')
    expect(await client.ask('MAIL FROM:<us@site.example> BODY=8BITMIME')).toMatch(/^555 /)
    expect(await client.ask('MAIL FROM:<us@site.example> SIZE=101')).toMatch(/^552 message size/)
    client.send(
      `MAIL FROM:<us@site.example> SIZE=9\r\nRCPT TO:<é@example.org>\r\nRCPT TO:<e@example.org>\r\n`,
    )
    expect(await client.codes(3)).toEqual(['250', '553', '250'])
    client.send(`DATA\r\n${'x'.repeat(101)}\r\n.\r\n`)
    expect(await client.codes(2)).toEqual(['354', '552'])
    expect(sink.received.map(({ answer }) => answer)).toEqual([5])
    expect(sink.accepted()).toEqual([])
  })
})

interface Heard {
  said: string
  ending: 'FIN' | 'reset' | undefined
}

/** Says everything up to the place at which the fault is due, and hears what comes of it. */
async function provoke(sink: SmtpSink, fault: Fault): Promise<Heard> {
  const client = await ready(sink.port)
  const place = parseFault(fault)?.place
  client.send(envelope(`${fault}.r`))
  await client.codes(place === 'rcpt' ? 1 : 2)
  if (place !== 'rcpt') client.send('DATA\r\n')
  if (place === 'dot' || place === 'in-body') await client.reply()
  if (place === 'dot' || place === 'in-body') client.send('Subject: x\r\n\r\nbody\r\n')
  if (place === 'dot') client.send('.\r\n')
  await client.settle()
  return { said: client.rest, ending: client.ending }
}

const UNUSUAL: Readonly<Record<string, [said: RegExp, ending: Heard['ending']]>> = {
  reset: [/^(354 go on\r\n)?$/, 'reset'],
  close: [/^(354 go on\r\n)?$/, 'FIN'],
  silent: [/^(354 go on\r\n)?$/, undefined],
  half: [/^451 4\.3\.0 interr$/, 'FIN'],
  half250: [/^250 2\.0\.0 que$/, 'FIN'],
  unfinished: [/^250 2\.0\.0 que$/, undefined],
  'multi-unfinished': [/^250-2\.0\.0 taken\r\n$/, undefined],
  garbage: [/nothing to read here\r\n$/, undefined],
  abc: [/^abc what\r\n$/, undefined],
  '2nd': [/^2nd try needed\r\n$/, undefined],
  slow: [/^$/, undefined],
  bytes: [/^\d{3} .*\r\n$/, undefined],
  multi: [/^(\d{3})-.*\r\n\1-.*\r\n\1 .*\r\n$/, undefined],
  twice: [/^\d{3} .*\r\n250 .*\r\n$/, undefined],
  contradicted: [/^\d{3} .*\r\n554 .*\r\n$/, undefined],
  long: [/^\d{3} .{65536,}\r\n$/, undefined],
  barelf: [/^\d{3} [^\r\n]*\n$/, undefined],
  bare: [/^\d{3}\r\n$/, undefined],
}
const CODE = /^(354 go on\r\n)?\d{3} \d\.\d\.\d .*\r\n$/
const LOST_KINDS = ['reset', 'close', 'silent', 'half', 'half250', 'unfinished', 'multi-unfinished']
const UNREADABLE_KINDS = [...LOST_KINDS, 'garbage', 'abc', '2nd', '999']

describe('the sink fails as asked', () => {
  test('every fault a recipient can ask for is heard at its place, and only a message with its dot is counted', async () => {
    const sink = await sinkWith({ slowMs: 600, byteMs: 1 })
    await Promise.all(
      FAULTS.map(async fault => {
        const heard = await provoke(sink, fault)
        const { kind = '', place } = parseFault(fault) ?? {}
        const [said, ending] = UNUSUAL[kind] ?? [CODE, kind === '421' ? 'FIN' : undefined]
        expect({ fault, ...heard }).toEqual({ fault, said: expect.stringMatching(said), ending })
        if (/^\d{3}$/.test(kind)) expect(heard.said).toContain(`${kind} `)
        const kept = sink.received.filter(({ to }) => to[0]?.startsWith(`${fault}.`))
        let answer: number | undefined = Number(kind[0]) || 2
        if (UNREADABLE_KINDS.includes(kind)) answer = undefined
        expect({ fault, kept: kept.map(one => one.answer) }).toEqual({
          fault,
          kept: place === 'dot' ? [answer] : [],
        })
      }),
    )
  })

  test('a fault with a number is played so often and then no more, for each who asks', async () => {
    const sink = await sinkWith()
    const client = await ready(sink.port)
    for (const codes of [['450'], ['450'], ['250']])
      for (const local of ['450x2-rcpt.a', '450x2-rcpt.b']) {
        client.send(`${envelope(local)}`)
        expect((await client.codes(2)).slice(1)).toEqual(codes)
      }
    sink.fail('421x1-banner')
    expect(await open(sink.port).reply()).toMatch(/^421 4\.7\.0 /)
    expect(await open(sink.port).reply()).toMatch(/^220 /)
  })

  const greetings: [Fault, RegExp, Heard['ending']][] = [
    ['421-banner', /^421 4\.7\.0 .*\r\n$/, 'FIN'],
    ['554-banner', /^554 5\.7\.1 .*\r\n$/, 'FIN'],
    ['silent-banner', /^$/, undefined],
    ['reset-banner', /^$/, 'reset'],
    ['close-banner', /^$/, 'FIN'],
    ['garbage-banner', /nothing to read here/, undefined],
    ['long-banner', /^220 .{65536}/, undefined],
    ['bytes-banner', /^220 si/, undefined],
  ]
  test.each(greetings)('%s is what a new connection hears', async (fault, said, ending) => {
    const client = open((await sinkWith({ fault, byteMs: 50 })).port)
    await client.settle()
    expect({ said: client.rest, ending: client.ending }).toEqual({
      said: expect.stringMatching(said),
      ending,
    })
  })

  test('the whole server fails at a step from a number of messages on, until it is well again', async () => {
    const sink = await sinkWith()
    const client = await ready(sink.port)
    sink.fail('421-mail', { after: 1 })
    client.send(mail())
    expect(await client.codes(4)).toEqual(['250', '250', '354', '250'])
    expect(await client.ask('MAIL FROM:<us@site.example>')).toBe('421 4.3.2 closing')
    await client.settle()
    expect(client.ending).toBe('FIN')
    for (const [fault, reply] of [
      ['550-mail', '550 5.1.8 sender address rejected: domain not found'],
      ['553-mail', '553 5.1.7 bad sender address syntax'],
      ['530-mail', '530 5.7.0 authentication required'],
      ['452-mail', '452 4.3.1 insufficient system storage'],
    ] as const) {
      sink.fail(fault)
      expect(await (await ready(sink.port)).ask('MAIL FROM:<us@site.example>')).toBe(reply)
    }
    sink.heal()
    expect(await (await ready(sink.port)).ask('MAIL FROM:<us@site.example>')).toMatch(/^250/)
    sink.heal(false)
    sink.fail()
    expect(await (await ready(sink.port)).ask('MAIL FROM:<us@site.example>')).toMatch(/^250/)
    expect(() => sink.fail('450-rcp' as Fault)).toThrow('The sink knows no fault 450-rcp')
  })

  test('a connection can end right after a message, and a server can know HELO only', async () => {
    const sink = await sinkWith({ fault: '421-idle' })
    const client = await ready(sink.port)
    client.send(mail())
    expect(await client.codes(5)).toEqual(['250', '250', '354', '250', '421'])
    await client.settle()
    expect(client.ending).toBe('FIN')
    sink.fail('500-ehlo')
    const other = open(sink.port)
    await other.reply()
    expect(await other.ask('EHLO rig')).toMatch(/^500 /)
    expect(await other.ask('HELO rig')).toBe('250 sink')
  })

  test('with no recipient taken DATA is refused, except by a lax server, whose empty message counts as refused', async () => {
    const sink = await sinkWith()
    const client = await ready(sink.port)
    client.send(`${envelope('550-rcpt.x')}DATA\r\n`)
    expect(await client.codes(3)).toEqual(['250', '550', '503'])
    sink.fail('lax-data')
    client.send(`${envelope('550-rcpt.x')}DATA\r\n.\r\n`)
    expect(await client.codes(4)).toEqual(['250', '550', '354', '554'])
    expect(sink.accepted()).toEqual([])
  })
})

test('every row of the fault table asks for something the sink knows, and promises no message it cannot have', async () => {
  for (const { recipient, server, sink, after, expected } of FAULT_TABLE) {
    expect(recipient ?? server ?? sink).toBeDefined()
    if (recipient) expect(FAULTS).toContain(recipient.replace(/x\d+-/, '-'))
    if (server) (await sinkWith(sink)).fail(server, { after })
    if (expected.status === 'sent') expect(expected.completed).toBe(1)
    if (expected.status === 'failed' || expected.status === 'queued') expect(expected.completed).toBe(0)
    expect(expected.waitsFor !== undefined && expected.status !== 'queued').toBe(false)
  }
})

describe('the sink speaks TLS and asks who is there', () => {
  async function throughTls(options: SinkOptions): Promise<RawSmtp> {
    const client = await ready((await sinkWith({ tls: 'starttls', ...options })).port)
    expect(await client.ask('STARTTLS')).toBe('220 2.0.0 go ahead')
    await client.secure(testAuthority())
    return client
  }

  test('after STARTTLS the session starts again inside TLS', async () => {
    const client = await throughTls({})
    expect(await client.ask('EHLO rig')).not.toContain('STARTTLS')
    client.send(mail())
    expect(await client.codes(4)).toEqual(['250', '250', '354', '250'])
    expect(sinks[0]?.received).toHaveLength(1)
  })

  test.each([
    ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('the %s certificate is not to be trusted', async (certificate, code) => {
    await expect(throughTls({ certificate })).rejects.toMatchObject({ code })
  })

  test('STARTTLS can be refused, stripped, or answered with plaintext behind it', async () => {
    const sink = await sinkWith({ tls: 'starttls', fault: '454-starttls' })
    expect(await (await ready(sink.port)).ask('STARTTLS')).toMatch(/^454 4\.7\.0 /)
    sink.fail('stripped-ehlo')
    const stripped = open(sink.port)
    await stripped.reply()
    expect(await stripped.ask('EHLO rig')).not.toContain('STARTTLS')
    expect(await stripped.ask('STARTTLS')).toMatch(/^502 /)
    sink.fail('injected-starttls')
    const injected = await ready(sink.port)
    expect(await injected.ask('STARTTLS')).toMatch(/^220 /)
    expect(injected.rest).toBe('250-injected\r\n250 AUTH PLAIN LOGIN\r\n')
  })

  test('MAIL needs a log-in with the password of the moment', async () => {
    const sink = await sinkWith({ credentials: { user: 'us', password: 'old' } })
    const plain = (password: string) => `AUTH PLAIN ${Buffer.from(`\0us\0${password}`).toString('base64')}`
    const client = await ready(sink.port)
    expect(await client.ask('MAIL FROM:<us@site.example>')).toBe('530 5.7.0 authentication required')
    expect(await client.ask(plain('new'))).toMatch(/^535 5\.7\.8 /)
    sink.setPassword('new')
    expect(await client.ask(plain('old'))).toMatch(/^535 5\.7\.8 /)
    expect(await client.ask('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6')
    expect(await client.ask(Buffer.from('us').toString('base64'))).toBe('334 UGFzc3dvcmQ6')
    expect(await client.ask(Buffer.from('new').toString('base64'))).toMatch(/^235 /)
    expect(await client.ask('MAIL FROM:<us@site.example>')).toMatch(/^250 /)
    sink.fail('454-auth')
    expect(await (await ready(sink.port)).ask(plain('new'))).toMatch(/^454 4\.7\.0 /)
  })
})

describe('the faulty network', () => {
  async function behindProxy() {
    const sink = await sinkWith({ isPipelining: true })
    return { sink, proxy: await startFaultProxy(sink.port) }
  }
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const startedAt = Date.now()
    await work()
    return Date.now() - startedAt
  }

  test('passes everything on as it is, and takes its time when told to', async () => {
    const { sink, proxy } = await behindProxy()
    const client = await ready(proxy.port)
    const body = `${'x'.repeat(998)}\r\n`.repeat(2000)
    client.send(mail('reader', body))
    expect(await client.codes(4)).toEqual(['250', '250', '354', '250'])
    expect(sink.received[0]?.data.equals(Buffer.from(body))).toBe(true)
    proxy.latency(100)
    expect(await timed(() => client.ask('NOOP'))).toBeGreaterThanOrEqual(195)
    await proxy.heal()
    proxy.slow(100)
    expect(await timed(() => client.ask('NOOP'))).toBeGreaterThanOrEqual(100)
    expect(proxy.connectionCount()).toBe(1)
    await proxy.close()
  })

  test('cut off, connections are reset and new ones refused, until it is healed', async () => {
    const { proxy } = await behindProxy()
    const client = await ready(proxy.port)
    await proxy.cut()
    await client.settle()
    expect(client.ending).toBe('reset')
    await expect(open(proxy.port).reply()).rejects.toThrow('reset')
    await proxy.heal()
    expect(await open(proxy.port).reply()).toMatch(/^220 /)
    await proxy.close()
  })

  test.each(['to-server', 'to-client'] as const)(
    'half open %s, bytes that way are lost without a sign',
    async way => {
      const { sink, proxy } = await behindProxy()
      const client = await ready(proxy.port)
      proxy.halfOpen(way)
      client.send('NOOP\r\n')
      await client.settle()
      expect({ rest: client.rest, ending: client.ending }).toEqual({ rest: '', ending: undefined })
      expect(sink.commands.includes('NOOP')).toBe(way === 'to-client')
      sink.hangUp()
      await wait(50)
      expect(client.ending).toBe(way === 'to-client' ? undefined : 'FIN')
      await proxy.heal()
      await client.settle()
      if (way === 'to-client') expect(client.ending).toBe('reset')
      expect(await open(proxy.port).reply()).toMatch(/^220 /)
      await proxy.close()
    },
  )

  test('resets now, or after a number of bytes', async () => {
    const { sink, proxy } = await behindProxy()
    const first = await ready(proxy.port)
    proxy.reset()
    await first.settle()
    expect(first.ending).toBe('reset')
    const second = await ready(proxy.port)
    proxy.resetAfter(500)
    second.send(mail('reader', 'x\r\n'))
    expect(await second.codes(4)).toEqual(['250', '250', '354', '250'])
    second.send(mail('reader', `${'x'.repeat(500)}\r\n`))
    await second.settle()
    expect(second.ending).toBe('reset')
    expect(sink.received).toHaveLength(1)
    await proxy.close()
  })
})
