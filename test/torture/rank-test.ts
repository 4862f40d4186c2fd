// Mann, Whitney (1947): whether one of two samples tends to larger values, whatever their distribution looks like.

/** The two-sided p by the normal approximation with the correction for ties; for samples of at least about 20. */
export function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map(value => ({ value, own: 1 })), ...second.map(value => ({ value, own: 0 }))]
  all.sort((one, other) => one.value - other.value)
  let rankSum = 0
  let ties = 0
  for (let start = 0, end = 0; start < all.length; start = end) {
    while (end < all.length && all[end]?.value === all[start]?.value) end++
    const size = end - start
    ties += size ** 3 - size
    const own = all.slice(start, end).reduce((sum, one) => sum + one.own, 0)
    rankSum += own * ((start + 1 + end) / 2)
  }
  const [n, m, sum] = [first.length, second.length, all.length]
  const u = rankSum - (n * (n + 1)) / 2
  const variance = ((n * m) / 12) * (sum + 1 - ties / (sum * (sum - 1)))
  return variance === 0 ? 1 : 2 * normalTail(Math.abs(u - (n * m) / 2) / Math.sqrt(variance))
}

/** P(Z > z) for z ≥ 0; Abramowitz and Stegun 26.2.17, exact to 7.5e-8. */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const sum = ((((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.31938153) * t
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
