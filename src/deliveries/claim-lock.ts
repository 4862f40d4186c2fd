// Whether claims still stand, locked in share mode until the gate's transaction ends: nobody takes them over meanwhile.
import type { Answer, Statement } from '../packets'
import type { Claim } from './claim'

/** Locks what the claims are about and tells, after the packet, which of them stand by the database's clock. */
export function claimLocks(newsletterId: number, claims: readonly Claim[]): Statement[] {
  const rangeStarts = new Set<number>()
  const readerIds = new Set<number>()
  for (const claim of claims) {
    if (claim.kind === 'range') rangeStarts.add(claim.fromReaderId)
    else readerIds.add(claim.readerId)
  }
  return [
    lock('delivery_range', 'from_reader_id', newsletterId, rangeStarts),
    lock('delivery_retry', 'reader_id', newsletterId, readerIds),
  ].filter(statement => statement !== undefined)
}

const lock = (table: string, key: string, newsletterId: number, ids: Set<number>): Statement | undefined =>
  ids.size === 0
    ? undefined
    : {
        sql: `SELECT '${table}' AS kind, ${key} AS id, fence FROM ${table}
          WHERE newsletter_id = ? AND ${key} IN (?) AND lease_until > UTC_TIMESTAMP(3) LOCK IN SHARE MODE`,
        parameters: [newsletterId, [...ids].sort((a, b) => a - b)],
      }

/** From the answers of those statements. */
export function standingClaims(answers: readonly Answer[]): (claim: Claim) => boolean {
  const standing = new Set(
    answers.flatMap(({ rows }) => rows.map(row => `${row.kind} ${row.id} ${row.fence}`)),
  )
  return claim =>
    claim.kind === 'range'
      ? standing.has(`delivery_range ${claim.fromReaderId} ${claim.fence}`)
      : standing.has(`delivery_retry ${claim.readerId} ${claim.fence}`)
}
