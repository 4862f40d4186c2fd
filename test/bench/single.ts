// Measurements that stand alone: expansion, heap, a second worker, withdrawals under full send. Each has its own site.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Cost } from './counters'
import { expansionRate, makeExpansionAudience } from './expansion'
import type { Options } from './options'
import { cpuUs, say } from './processes'
import { fastSinkOf } from './rounds'
import { type SendPlan, send } from './send'
import { startFastSink } from './sinks'
import { openSite, type Servers, type Site } from './site'

async function onSite<T>(servers: Servers, work: (site: Site) => Promise<T>): Promise<T> {
  const site = await openSite(servers)
  const result = await work(site)
  await site.close()
  return result
}

/** Readers a second, each round. */
export const expansion = (servers: Servers, { sizes, rounds }: Options): Promise<number[]> =>
  onSite(servers, async site => {
    say(`expansion: making ${sizes.expansion} readers`)
    const audience = await makeExpansionAudience(site, sizes.expansion)
    const rates: number[] = []
    for (let round = 1; round <= rounds; round++) {
      rates.push(await expansionRate(site, audience))
      say(`  expansion ${Math.round(rates.at(-1) ?? 0)} readers/s`)
    }
    return rates
  })

export interface Heap {
  /** MB (10⁶ bytes). `alive` right after a full collection; `used` and `rss` whenever looked at. */
  alive: number
  used: number
  rss: number
  /** Of the same run: nobody leaves during it, so MariaDB's counters are the sending alone. */
  cost: Cost
}

/** The most a worker's heap held while it sent a small and a ten times larger newsletter. */
export const heaps = (servers: Servers, options: Options): Promise<{ small: Heap; large: Heap }> =>
  onSite(servers, async site => {
    const small = await heapOf(site, options, options.sizes.heapSmall)
    return { small, large: await heapOf(site, options, options.sizes.heapLarge) }
  })

async function heapOf(site: Site, options: Options, readers: number): Promise<Heap> {
  say(`heap: sending ${readers}`)
  const file = join(site.dir, `heap-${readers}.json`)
  const sent = await send(site, {
    readers,
    sink: fastSinkOf(site.servers, options),
    connections: options.connections,
    workerEnv: { BENCH_HEAP_FILE: file },
    nodeArgs: ['-r', resolve('test/bench/heap-probe.cjs')],
  })
  const high = JSON.parse(readFileSync(file, 'utf8')) as Omit<Heap, 'cost'>
  const heap = { alive: high.alive / 1e6, used: high.used / 1e6, rss: high.rss / 1e6, cost: sent.cost }
  say(
    `  ${sent.sent} sent at ${Math.round(sent.rate)}/s; heap ${heap.alive.toFixed(1)} MB, RSS ${heap.rss.toFixed(0)} MB`,
  )
  return heap
}

/** A server 20 ms away: what counts is how many messages are on the way, and both cores have room. */
const DELAY_MS = 20
const FAR_CONNECTIONS = 20

export interface SecondWorker {
  one: number[]
  sameConnections: number[]
  doubleConnections: number[]
}

export const secondWorker = (servers: Servers, { sizes, rounds }: Options): Promise<SecondWorker> =>
  onSite(servers, async site => {
    const result: SecondWorker = { one: [], sameConnections: [], doubleConnections: [] }
    const rate = async (workers: number, connections: number): Promise<number> => {
      const sink = () => startFastSink(site.dir, DELAY_MS)
      // Each takes about as long, so that what a run spends on its beginning and its end weighs the same.
      const readers = sizes.delayedPerConnection * workers * connections
      const sent = await send(site, { readers, sink, workers, connections })
      say(
        `  ${workers} worker(s), ${connections} connections each, 20 ms away: ${Math.round(sent.rate)} msg/s`,
      )
      return sent.rate
    }
    for (let round = 1; round <= rounds; round++) {
      result.one.push(await rate(1, FAR_CONNECTIONS))
      result.sameConnections.push(await rate(2, FAR_CONNECTIONS / 2))
      result.doubleConnections.push(await rate(2, FAR_CONNECTIONS))
    }
    return result
  })

export interface UnderFire {
  withdrawals: number
  /** Milliseconds. */
  p50: number
  p99: number
  named: number
  /** Messages a second meanwhile. */
  rate: number
  /** CPU of the API process for one withdrawal. */
  apiCpuMs: number
}

/** 200 one-click withdrawals a second while a worker sends as fast as it can. The checker sees to it that none comes late. */
export const underWithdrawals = (servers: Servers, options: Options): Promise<UnderFire> =>
  onSite(servers, async site => {
    const plan: SendPlan = {
      readers: options.sizes.underWithdrawals,
      sink: fastSinkOf(servers, options),
      connections: options.connections,
      withdrawals: { share: 0.25, perSecond: 200, by: 'door' },
    }
    // The API has been there for longer than this newsletter: its code is compiled.
    await send(site, { ...plan, readers: Math.ceil(plan.readers / 10) })
    const cpuBefore = cpuUs(site.api.pid)
    const { withdrawn, rate } = await send(site, plan)
    const times = withdrawn.map(({ ms }) => ms).sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0
    const named = withdrawn.filter(({ isNamed }) => isNamed).length
    // All of them, also those still under way when the last message was out.
    const apiCpuMs = (cpuUs(site.api.pid) - cpuBefore) / times.length / 1000
    const result = { withdrawals: times.length, p50: at(0.5), p99: at(0.99), named, rate, apiCpuMs }
    say(
      `  ${times.length} withdrawals, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms, API ${apiCpuMs.toFixed(1)} ms CPU each`,
    )
    return result
  })
