import type { Claim } from './claim'

export interface UnderFence {
  claim: Claim
  readerId: number
}

/** One group for each fence, its reader ids in the order of the key: every lock is taken in it. */
export function byFence(passing: readonly UnderFence[]): [fence: number, readerIds: number[]][] {
  const groups = new Map<number, number[]>()
  for (const { claim, readerId } of passing) {
    const group = groups.get(claim.fence)
    if (group) group.push(readerId)
    else groups.set(claim.fence, [readerId])
  }
  for (const readerIds of groups.values()) readerIds.sort((a, b) => a - b)
  return [...groups]
}
