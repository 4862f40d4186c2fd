// Looks again at links of the directory: whether their sites still answer.
import type { DataSource } from 'typeorm'
import { type Actor, audit } from '../consent/audit'
import { DirectoryLink, LinkCheckResult, LinkStatus } from '../entities/directory-link'
import { databaseTime, select, transaction } from '../transaction'
import { checkAddress } from './fetch-safely'

/** At most so many at once, each for at most ten seconds. */
const BATCH = 20
/** So often in a row, a day apart each, until it is taken out. */
export const MAX_FAILURES = 3

const checker: Actor = { name: 'link-check', role: 'ADMIN', requestId: null }

type Checked = Pick<DirectoryLink, 'id' | 'url'>

/**
 * Checks those that were not for a day, the longest ago first, one after the other, and writes what it found into their
 * rows. One that failed three days in a row is flagged, which an audit event says. Answers how many were looked at.
 */
export async function checkLinks(
  db: DataSource,
  stopping: AbortSignal,
  look: (url: string, stopping: AbortSignal) => Promise<LinkCheckResult> = checkAddress,
): Promise<number> {
  const due = await select<Checked>(
    db.manager,
    `SELECT id, url FROM directory_link WHERE status IN ('LISTED', 'FLAGGED')
       AND (checked_at IS NULL OR checked_at <= UTC_TIMESTAMP(3) - INTERVAL 1 DAY)
     ORDER BY checked_at, id LIMIT ${BATCH}`,
  )
  for (const { id, url } of due) await note(db, id, await look(url, stopping))
  return due.length
}

function note(db: DataSource, id: number, checkResult: LinkCheckResult): Promise<void> {
  return transaction(db, async tx => {
    const link = await tx.findOneOrFail(DirectoryLink, { where: { id }, lock: { mode: 'pessimistic_write' } })
    const failures = checkResult === LinkCheckResult.OK ? 0 : Math.min(link.failures + 1, 255)
    const isFlagged = link.status === LinkStatus.LISTED && failures >= MAX_FAILURES
    const status = isFlagged ? LinkStatus.FLAGGED : link.status
    await tx.update(DirectoryLink, id, { checkedAt: await databaseTime(tx), checkResult, failures, status })
    if (isFlagged)
      await audit(tx, checker, 'link.flag', link.publicId, `${checkResult}, ${failures} times in a row`)
  })
}
