// Messages the server has taken. Written in the next gate's commit, so that a crash leaves at most one a connection (I5).
import { DeliveryStatus } from '../entities/delivery'
import { COMMIT, inPackets, type Packets, START, type Statement } from '../packets'
import { byFence, type UnderFence } from './by-fence'

/**
 * sending → sent for messages the server has taken, of whatever newsletter. A late 2xx also settles what was already
 * counted as unknown, or queued again by a person, as long as the fence is the one it was sent with.
 */
export function sentStatements(sent: readonly UnderFence[]): Statement[] {
  const newsletterIds = new Set(sent.map(one => one.claim.newsletterId))
  return [...newsletterIds].flatMap(id =>
    sentOf(
      id,
      sent.filter(one => one.claim.newsletterId === id),
    ),
  )
}

function sentOf(newsletterId: number, sent: readonly UnderFence[]): Statement[] {
  const open = [DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED]
  const settled = byFence(sent).map(([fence, readerIds]) => ({
    // No code is kept of a message that was taken: it would say no more than `sent`, and make the row grow, for which a
    // full page is split.
    sql: `UPDATE delivery SET status = ?, smtp_status = NULL, diagnostic = NULL, at = UTC_TIMESTAMP(3)
      WHERE newsletter_id = ? AND reader_id IN (?) AND status IN (?) AND fence = ?`,
    parameters: [DeliveryStatus.SENT, newsletterId, readerIds, open, fence],
  }))
  const retried = sent.filter(one => one.claim.kind === 'retry')
  if (retried.length === 0) return settled
  const keys = retried.map(({ claim, readerId }) => [readerId, claim.fence])
  const sql = 'DELETE FROM delivery_retry WHERE newsletter_id = ? AND (reader_id, fence) IN (?)'
  return [...settled, { sql, parameters: [newsletterId, keys] }]
}

/** The same in a commit of its own, when no gate is asked for. */
export const settleSent = (packets: Packets, sent: readonly UnderFence[]): Promise<void> =>
  inPackets(packets, async send => {
    await send([START, ...sentStatements(sent), COMMIT])
  })
