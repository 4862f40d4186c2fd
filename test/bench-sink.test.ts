// The benchmark's receiving servers are its witnesses: what they log decides whether a figure counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Running, script, start } from './bench/processes'
import { type Sink, startFastSink } from './bench/sinks'
import { freePort } from './support/free-port'

const dir = mkdtempSync(join(tmpdir(), 'bench-sink-test-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Lines that look like the end of a message, or nearly. */
const line = fc.oneof(
  fc.constantFrom('', '..', '. ', 'MAIL FROM:<a@b.example>', 'BDAT 3 LAST', 'QUIT', '\r', '..\r'),
  fc.string({ maxLength: 20 }).map(text => text.replace(/[\r\n]/g, '').replace(/^\./, '..')),
)
const message = fc.record({
  to: fc.stringMatching(/^[a-z]{1,8}@inbox\d\.example\.org$/),
  lines: fc.array(line, { maxLength: 12 }),
  way: fc.constantFrom('DATA', 'BDAT', 'BDAT in two', 'given up'),
})
type Message = typeof message extends fc.Arbitrary<infer M> ? M : never

function bytesOf({ to, lines, way }: Message): string {
  const envelope = `MAIL FROM:<n@site.example>\r\nRCPT TO:<${to}>\r\n`
  const body = lines.map(text => `${text}\r\n`).join('')
  if (way === 'DATA') return `${envelope}DATA\r\n${body}.\r\n`
  if (way === 'BDAT') return `${envelope}BDAT ${body.length} LAST\r\n${body}`
  if (way === 'given up') return `${envelope}BDAT ${body.length}\r\n${body}RSET\r\n`
  const half = body.length >> 1
  return `${envelope}BDAT ${half}\r\n${body.slice(0, half)}BDAT ${body.length - half} LAST\r\n${body.slice(half)}`
}

const replies = ({ way }: Message): number =>
  ({ DATA: 4, BDAT: 3, 'BDAT in two': 4, 'given up': 4 })[way] ?? 0

/** Sends everything without waiting, cut anywhere, and reads until every reply is there. */
async function speak(port: number, messages: readonly Message[], cuts: readonly number[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  const all = Buffer.from(`EHLO test\r\n${messages.map(bytesOf).join('')}`, 'latin1')
  let at = 0
  for (const cut of [
    ...cuts.map(share => Math.floor(share * all.length)).sort((a, b) => a - b),
    all.length,
  ]) {
    await written(socket, all.subarray(at, cut))
    at = cut
  }
  // The greeting and the four lines of EHLO come first.
  const expected = 5 + messages.reduce((sum, one) => sum + replies(one), 0)
  const got = await read(socket, expected)
  socket.destroy()
  return got
}

const written = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise(done => socket.write(bytes, () => setImmediate(done)))

function read(socket: Socket, lines: number): Promise<string> {
  let got = ''
  return new Promise(done => {
    socket.on('data', part => {
      got += part.toString('latin1')
      if (got.split('\r\n').length > lines) done(got)
    })
  })
}

/** The one for machines without a compiler. */
async function startNodeSink(): Promise<Sink> {
  const port = await freePort()
  const logFile = join(dir, `node-sink-${port}.log`)
  const sink: Running = await start({
    ...script('fast-sink.ts', [String(port), '0', logFile]),
    logFile: join(dir, `node-sink-${port}.out`),
    ready: 'ready',
  })
  const stop = async () => void (await sink.stop())
  return { host: '127.0.0.1', port, pid: sink.pid, logFile, stop }
}

test.each([
  ['compiled', () => startFastSink(dir)],
  ['Node', startNodeSink],
])('the %s sink logs each completed recipient once, however the bytes are cut', async (_, startSink) => {
  const sink = await startSink()
  const completed: string[] = []
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 5 }), cuts, async (messages, where) => {
      const got = await speak(sink.port, messages, where)
      expect(got).not.toMatch(/^5/m)
      completed.push(...messages.filter(({ way }) => way !== 'given up').map(({ to }) => to))
    }),
    { numRuns: 150 },
  )
  await sink.stop()
  const logged = readFileSync(sink.logFile ?? '', 'utf8')
    .split('\n')
    .filter(Boolean)
  expect(logged.map(entry => entry.split(' ')[0])).toEqual(completed)
})

test('a sink that answers late answers in order, each reply as late as asked', async () => {
  const sink = await startFastSink(dir, 30)
  const started = performance.now()
  const messages: Message[] = [{ to: 'a@inbox1.example.org', lines: ['Hello'], way: 'DATA' }]
  const got = await speak(sink.port, messages, [])
  expect(performance.now() - started).toBeGreaterThan(28)
  expect(got.split('\r\n').map(reply => reply.slice(0, 3))).toEqual([
    '220',
    '250',
    '250',
    '250',
    '250',
    '250',
    '250',
    '354',
    '250',
    '',
  ])
  await sink.stop()
})
