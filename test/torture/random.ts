// Random choices that come again with the same seed. Each purpose has a stream of its own, so that what happens in
// between does not shift them.

export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** from ≤ n ≤ to, whole. */
  whole(from: number, to: number): number
  pick<Value>(values: readonly Value[]): Value | undefined
}

/** Mulberry32. */
export function random(seed: number, purpose: string): Random {
  let state =
    [...purpose].reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), seed) | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: values => values[Math.floor(next() * values.length)],
  }
}
