// From all measurements to the table a person reads and the object a program reads.
import { cpus } from 'node:os'
import type { Cost } from './counters'
import type { Options } from './options'
import type { Rounds } from './rounds'
import type { Sent } from './send'
import type { Heap, SecondWorker, UnderFire } from './single'

export interface Measurements {
  rounds: Rounds
  expansion: number[] | undefined
  heaps: { small: Heap; large: Heap } | undefined
  secondWorker: SecondWorker | undefined
  underFire: UnderFire | undefined
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

const rateOf = (sent: readonly Sent[]) => median(sent.map(({ rate }) => rate))
const round = (value: number | null | undefined, digits = 0): number | null =>
  value === null || value === undefined ? null : Number(value.toFixed(digits))
const divided = (a: number | null, b: number | null): number | null => (a && b ? a / b : null)

/** Medians; null for what was left out or cannot be measured here. */
export function figures(
  { rounds, expansion, heaps, secondWorker, underFire }: Measurements,
  options: Options,
) {
  const one = secondWorker ? median(secondWorker.one) : null
  const factor = (of: 'sameConnections' | 'doubleConnections') =>
    round(divided(secondWorker ? median(secondWorker[of]) : null, one), 2)
  return {
    smtpSource: round(median(rounds.smtpSource)),
    bareNodemailer: round(median(rounds.bareNodemailer)),
    endToEnd: round(rateOf(rounds.endToEnd)),
    endToEndFastSink: round(rateOf(rounds.endToEndFastSink)),
    endToEndEd25519: round(rateOf(rounds.endToEndEd25519)),
    endToEndRsa: round(rateOf(rounds.endToEndRsa)),
    cpuPerMessageUs: round(median(rounds.endToEnd.map(({ cost }) => cost.cpu.worker)), 1),
    expansionPerSecond: round(expansion ? median(expansion) : null),
    heapMb50k: round(heaps?.small.alive, 1),
    heapMb500k: round(heaps?.large.alive, 1),
    secondWorkerFactor: factor('doubleConnections'),
    secondWorkerSameConnectionsFactor: factor('sameConnections'),
    secondWorkerRates: secondWorker ? mapValues(secondWorker, rates => round(median(rates))) : null,
    withdrawalsUnderSend: underFire ? mapValues(underFire, value => round(value, 1)) : null,
    endToEndFastSinkBySink: round(median(rounds.endToEndFastSink.flatMap(({ sinkRate }) => sinkRate ?? []))),
    costs: {
      endToEnd: costs(rounds.endToEnd),
      endToEndFastSink: costs(rounds.endToEndFastSink),
      endToEndEd25519: costs(rounds.endToEndEd25519),
      endToEndRsa: costs(rounds.endToEndRsa),
      withoutWithdrawals: heaps?.large.cost ?? null,
    },
    heap: heaps ?? null,
    rounds: { ...mapValues(rounds, all => all.map(one => round(typeof one === 'number' ? one : one.rate))) },
    settings: {
      quick: options.isQuick,
      rounds: options.rounds,
      connections: options.connections,
      sizes: options.sizes,
      cores: cpus().length,
      node: process.version,
    },
  }
}

export type Figures = ReturnType<typeof figures>

function mapValues<K extends string, V, W>(
  values: Record<K, V> | { [key in K]: V },
  map: (value: V) => W,
): Record<K, W> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value as V)])) as Record<
    K,
    W
  >
}

/** Medians of what a message (CPU, µs) and 500 messages (MariaDB's counters) cost. */
function costs(sent: readonly Sent[]): Cost | null {
  const [first] = sent
  if (!first) return null
  const part = <K extends string>(read: (cost: Cost) => Record<K, number>) =>
    Object.fromEntries(
      Object.keys(read(first.cost)).map(key => [
        key,
        round(median(sent.map(({ cost }) => read(cost)[key as K])), 1),
      ]),
    ) as Record<K, number>
  return { cpu: part(cost => cost.cpu), per500: part(cost => cost.per500) }
}
