// Where the mail goes: Debian's smtp-sink (the yardstick), our fast one, or one somebody else runs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findBinary, lookFor } from '../../src/local/binaries'
import { freePort } from '../support/free-port'
import { asChild, type Running, say, script, start } from './processes'

export interface Sink {
  host: string
  port: number
  /** 0: it is not ours. */
  pid: number
  /** Written when the sink has been stopped; undefined: it keeps no log. */
  logFile: string | undefined
  stop(): Promise<void>
}

let sinks = 0

/** One process, about 0.1–0.2 ms of CPU for each message, no log. */
export async function startSmtpSink(dir: string): Promise<Sink> {
  const port = await freePort()
  const args = [`127.0.0.1:${port}`, '1024']
  const process = await start({
    ...asChild(findBinary('smtp-sink'), args),
    logFile: join(dir, `smtp-sink-${sinks++}.out`),
  })
  await untilListening(port)
  return sinkOf(process, port, undefined)
}

/** PIPELINING and CHUNKING, every completed recipient in its log; each reply comes `delayMs` late. */
export async function startFastSink(dir: string, delayMs = 0): Promise<Sink> {
  const port = await freePort()
  const logFile = join(dir, `fast-sink-${sinks}.log`)
  const args = [String(port), String(delayMs), logFile]
  const binary = compiled(dir)
  const process = await start({
    ...(binary ? { command: binary, args } : script('fast-sink.ts', args)),
    logFile: join(dir, `fast-sink-${sinks++}.out`),
    ready: 'ready',
  })
  return sinkOf(process, port, logFile)
}

export const externalSink = (place: { host: string; port: number }): Sink => ({
  ...place,
  pid: 0,
  logFile: undefined,
  async stop() {},
})

/** A few connections' worth of nothing: an smtp-sink that has not opened its port yet would fail a whole run. */
async function untilListening(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; !(await answers(port)); await sleep(20))
    if (Date.now() > end) throw new Error('smtp-sink did not start')
}

const answers = (port: number): Promise<boolean> =>
  new Promise(done => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })

const sinkOf = (process: Running, port: number, logFile: string | undefined): Sink => ({
  host: '127.0.0.1',
  port,
  pid: process.pid,
  logFile,
  async stop() {
    await process.stop()
  },
})

let hasSaid = false

/** The compiled sink, or undefined without a compiler. */
function compiled(dir: string): string | undefined {
  const binary = join(dir, 'fast-sink')
  if (existsSync(binary)) return binary
  const compiler = lookFor('cc')
  const source = resolve('test/bench/fast-sink.c')
  if (compiler && spawnSync(compiler, ['-O2', '-o', binary, source], { stdio: 'ignore' }).status === 0)
    return binary
  if (!hasSaid) say('no C compiler: the fast sink is the Node one, which costs more CPU a message')
  hasSaid = true
  return undefined
}
