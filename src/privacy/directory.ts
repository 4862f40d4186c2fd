// The directory of links to other sites: proposed by one of staff, reviewed by another (promise P12).
import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { hasOtherApprovers } from '../consent/other-approvers'
import { DirectoryLink, LinkStatus } from '../entities/directory-link'
import { databaseTime } from '../transaction'

export type LinkProposal = Pick<
  DirectoryLink,
  'url' | 'title' | 'description' | 'category' | 'processorId' | 'proposedById'
>

/** Writes down a link; nobody but staff sees it. Throws 1062 where it is there already, whatever became of it. */
export async function proposeLink(tx: EntityManager, proposal: LinkProposal): Promise<DirectoryLink> {
  return tx.save(
    tx.create(DirectoryLink, {
      ...proposal,
      publicId: uuidv7(),
      urlHash: createHash('sha256').update(proposal.url).digest(),
      status: LinkStatus.PROPOSED,
      proposedAt: await databaseTime(tx),
      reviewedById: null,
      reviewedAt: null,
      checkedAt: null,
      checkResult: null,
      failures: 0,
    }),
  )
}

export type Review =
  /** `isAlone`: there was nobody to ask, so a day had to pass. */
  { kind: 'reviewed'; isAlone: boolean } | { kind: 'approval-required' } | { kind: 'invalid-state' }

const DAY_MS = 24 * 3_600_000

/**
 * Puts a link into the directory, or takes it out. Into it only by another admin than who proposed it; where there is no
 * other, a day after it was proposed (DESIGN §6). Out of it by any admin, at once. Nothing becomes a proposal again.
 */
export async function reviewLink(
  tx: EntityManager,
  id: number,
  staffId: number,
  status: LinkStatus,
): Promise<Review> {
  const link = await tx.findOneOrFail(DirectoryLink, { where: { id }, lock: { mode: 'pessimistic_write' } })
  if (status === link.status || status === LinkStatus.PROPOSED) return { kind: 'invalid-state' }
  const reviewedAt = await databaseTime(tx)
  const isAlone = status === LinkStatus.LISTED && link.proposedById === staffId
  const isDayLater = reviewedAt.getTime() - link.proposedAt.getTime() >= DAY_MS
  if (isAlone && (!isDayLater || (await hasOtherApprovers(tx, staffId, ['ADMIN']))))
    return { kind: 'approval-required' }
  // Listed again it starts anew: otherwise the next failed check would take it out.
  const failures = status === LinkStatus.LISTED ? 0 : link.failures
  await tx.update(DirectoryLink, id, { status, reviewedById: staffId, reviewedAt, failures })
  return { kind: 'reviewed', isAlone }
}
