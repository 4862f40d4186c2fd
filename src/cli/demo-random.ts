// Repeatable chance: every demo tells the same story, so that a figure that differs means something.

export interface Chance {
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number
  /** True in this share of the cases. */
  happens(share: number): boolean
  /** From a list that is not empty. */
  pick(list: readonly string[]): string
  shuffle<T>(list: readonly T[]): T[]
}

/** Mulberry32: small, even enough for a demo, and good for nothing secret. */
export function createChance(seed: number): Chance {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    whole,
    happens: share => next() < share,
    pick: list => list[whole(0, list.length - 1)] ?? '',
    shuffle: list =>
      list
        .map(item => ({ item, order: next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ item }) => item),
  }
}
