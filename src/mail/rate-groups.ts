// The arithmetic of a batch: which domains share a bucket, and what the limits per day leave of it.
import { fairShare } from './fair-share'
import { type Bucket, bucketOf, type SendLimits } from './send-limits'

/** The domains of a batch that share a bucket; a domain without one is a group of its own. */
export interface Group {
  bucket: Bucket | undefined
  domains: [domain: string, count: number][]
}

/** What has passed on a day, by bucket; one that is missing has passed nothing. */
export type Used = ReadonlyMap<string, number>

export function groupsOf(limits: SendLimits, wanted: ReadonlyMap<string, number>): Group[] {
  const groups = new Map<string, Group>()
  for (const [domain, count] of wanted) {
    const bucket = bucketOf(limits, domain)
    const name = bucket?.name ?? domain
    const group = groups.get(name) ?? { bucket, domains: [] }
    group.domains.push([domain, count])
    groups.set(name, group)
  }
  return [...groups.values()]
}

export const sizeOf = ({ domains }: Group): number => domains.reduce((sum, [, count]) => sum + count, 0)

/** What a bucket may still pass on that day. */
export function dayLeft(bucket: Bucket | undefined, used: Used): number {
  if (bucket?.limit.perDay === undefined) return Number.POSITIVE_INFINITY
  return Math.max(0, bucket.limit.perDay - (used.get(bucket.name) ?? 0))
}

/** The buckets of the batch that have a limit per day. */
export function dayBuckets(limits: SendLimits, groups: readonly Group[]): string[] {
  const buckets = [limits.sender, ...groups.map(({ bucket }) => bucket)]
  return buckets.flatMap(bucket => (bucket?.limit.perDay === undefined ? [] : [bucket.name]))
}

/** As much of the counts, one per group, as the day leaves of each group's limit and of the sender's. */
export function withinDay(
  limits: SendLimits,
  groups: readonly Group[],
  counts: readonly number[],
  used: Used,
): number[] {
  const most = groups.map(({ bucket }, index) => Math.min(counts[index] ?? 0, dayLeft(bucket, used)))
  return fairShare(dayLeft(limits.sender, used), most)
}

/** What the counts, one per group, add to the counters of the day. */
export function dayCounts(
  limits: SendLimits,
  groups: readonly Group[],
  counts: readonly number[],
): Map<string, number> {
  const added = new Map<string, number>()
  const add = (bucket: Bucket | undefined, count: number) => {
    if (bucket?.limit.perDay !== undefined && count > 0)
      added.set(bucket.name, (added.get(bucket.name) ?? 0) + count)
  }
  for (const [index, { bucket }] of groups.entries()) {
    add(limits.sender, counts[index] ?? 0)
    add(bucket, counts[index] ?? 0)
  }
  return added
}

/** The counts of the groups, each divided fairly over its domains. */
export function byDomain(groups: readonly Group[], counts: readonly number[]): Map<string, number> {
  const divided = groups.flatMap(({ domains }, index) => {
    const shares = fairShare(
      counts[index] ?? 0,
      domains.map(([, count]) => count),
    )
    return domains.map(([domain], at) => [domain, shares[at] ?? 0] as const)
  })
  return new Map(divided)
}
