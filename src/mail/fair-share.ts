/**
 * Divides a total over wishes so that nobody gets more than wished and nobody small waits for somebody large: all rise
 * together until they are content or nothing is left (max-min fairness). What cannot be divided evenly goes to some by chance.
 */
export function fairShare(total: number, wishes: readonly number[]): number[] {
  const shares = wishes.map(() => 0)
  let left = total
  for (;;) {
    const open = wishes.flatMap((wish, index) => ((shares[index] ?? 0) < wish ? [index] : []))
    if (open.length === 0 || left <= 0) return shares
    const each = Math.floor(left / open.length)
    const start = Math.floor(Math.random() * open.length)
    const receivers = each > 0 ? open : [...open.slice(start), ...open.slice(0, start)].slice(0, left)
    for (const index of receivers) {
      const more = Math.min(Math.max(each, 1), (wishes[index] ?? 0) - (shares[index] ?? 0))
      shares[index] = (shares[index] ?? 0) + more
      left -= more
    }
  }
}
